// One station of the backbone benchmark: OCPP 1.6, one running transaction, with the least of JSON that will do.

import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { now } from './backbone-clock.js';

const ANSWER_MS_MAX = 30_000;
const CONNECT_TRIES_MAX = 200;
const CONNECT_PAUSE_MS = 200;
const PHASES = ['L1', 'L2', 'L3'];

export function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

export class Station {
  readonly site: number;
  readonly #name: string;
  #socket: WebSocket | undefined;
  #transaction = 0;
  #count = 0;
  #energyWh = 100_000;
  #sentAt = 0;
  #waiting: ((text: string) => void) | undefined;
  /** Of the session's newest profile. */
  limitA = 0;
  overA = 0;
  onProfile: (call: string) => void = () => undefined;

  constructor(site: number, index: number) {
    this.site = site;
    this.#name = `S${site}-${index}`;
  }

  async connect(url: string): Promise<void> {
    const socket = await this.#open(url);
    this.#socket = socket;
    socket.on('close', () => fail(`${this.#name} was dropped`));
    socket.on('message', (data: Buffer) => this.#take(data));
    await this.call('BootNotification', { chargePointVendor: 'bench', chargePointModel: 'bench' });
    const timestamp = new Date().toISOString();
    await this.call('StatusNotification', {
      connectorId: 1,
      errorCode: 'NoError',
      status: 'Charging',
      timestamp,
    });
    const start = { connectorId: 1, idTag: 'bench', meterStart: 100_000, timestamp };
    const answer = JSON.parse(await this.call('StartTransaction', start)) as [
      number,
      string,
      { transactionId: number },
    ];
    this.#transaction = answer[2].transactionId;
  }

  /** The door lets in so many a second; who was too many comes again. */
  async #open(url: string): Promise<WebSocket> {
    for (let tries = 1; ; tries++) {
      const socket = new WebSocket(`${url}/${this.#name}`, 'ocpp1.6', { perMessageDeflate: false });
      const status = await new Promise<number | undefined>((resolve, reject) => {
        socket.once('open', () => resolve(undefined));
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
        socket.once('error', reject);
      });
      if (status === undefined) return socket;
      socket
        .removeAllListeners('error')
        .once('error', () => undefined)
        .terminate();
      if (status !== 503 || tries === CONNECT_TRIES_MAX) fail(`${this.#name} was refused with ${status}`);
      await wait(CONNECT_PAUSE_MS);
    }
  }

  call(action: string, payload: object): Promise<string> {
    const text = JSON.stringify(payload);
    return new Promise((resolve) => this.#send(action, text, resolve));
  }

  /** Returns the id of the message. */
  meter(answered: (text: string, sentAt: number, at: number) => void): string {
    this.#energyWh += 1;
    const amperes = (this.limitA + this.overA).toFixed(1);
    const currents = PHASES.map(
      (phase) => `{"value":"${amperes}","measurand":"Current.Import","unit":"A","phase":"${phase}"}`,
    ).join(',');
    const sampled = `[{"value":"${this.#energyWh}","measurand":"Energy.Active.Import.Register","unit":"Wh"},{"value":"11040.5","measurand":"Power.Active.Import","unit":"W"},${currents}]`;
    const value = `[{"timestamp":"${new Date().toISOString()}","sampledValue":${sampled}}]`;
    return this.#send(
      'MeterValues',
      `{"connectorId":1,"transactionId":${this.#transaction},"meterValue":${value}}`,
      (text) => answered(text, this.#sentAt, now()),
    );
  }

  get isFree(): boolean {
    return this.#waiting === undefined;
  }

  close(): void {
    this.#socket?.removeAllListeners('close').terminate();
  }

  #send(action: string, payload: string, answered: (text: string) => void): string {
    this.#count += 1;
    const id = `${this.#name}-${this.#count}`;
    const late = setTimeout(() => fail(`${this.#name}: no answer to ${action}`), ANSWER_MS_MAX);
    this.#waiting = (text) => {
      clearTimeout(late);
      this.#waiting = undefined;
      answered(text);
    };
    this.#sentAt = now();
    this.#socket?.send(`[2,"${id}","${action}",${payload}]`);
    return id;
  }

  #take(data: Buffer): void {
    // `[2,`: a call of the other side.
    if (data[1] !== 0x32) return this.#waiting?.(data.toString());
    const [, id, action, payload] = JSON.parse(data.toString()) as [number, string, string, Profile];
    if (action === 'SetChargingProfile') this.#profile(id, payload);
    const answer =
      action === 'GetConfiguration' ? { configurationKey: [], unknownKey: [] } : { status: 'Accepted' };
    this.#socket?.send(JSON.stringify([3, id, answer]));
  }

  #profile(call: string, { csChargingProfiles: profile }: Profile): void {
    if (profile.chargingProfilePurpose !== 'TxProfile') return;
    this.limitA = profile.chargingSchedule.chargingSchedulePeriod[0]?.limit ?? 0;
    this.onProfile(call);
  }
}

interface Profile {
  readonly csChargingProfiles: {
    readonly chargingProfilePurpose: string;
    readonly chargingSchedule: { readonly chargingSchedulePeriod: readonly { readonly limit: number }[] };
  };
}
