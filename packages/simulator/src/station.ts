// A simulated station: joins the wire, the profile store, the outlets and the meters. It is written
// from the standards, shares nothing with the engine, and so can judge it.

import { invariant, type PerPhase, type Phase } from '@ampledger/kernel';
import { createAnswering } from './answering.js';
import { createMisbehaviour, type Misbehaviour } from './behaviour.js';
import { Caller, type Message } from './caller.js';
import type { CarSpec } from './car.js';
import { Charging } from './charging.js';
import { Connection, DEFAULT_BACK_OFF } from './connection.js';
import type { BootReason, Dialect, StartRequest, StationControl, TriggeredMessage } from './dialect.js';
import { Evse } from './evse.js';
import { createLater, type Later } from './later.js';
import { Metering } from './metering.js';
import { dialect16 } from './ocpp16/dialect.js';
import { dialect201 } from './ocpp201/dialect.js';
import {
  type ChargingProfile,
  DEFAULT_LIMITS,
  type InstalledProfile,
  type ProfileLimits,
} from './profile.js';
import type { Protocol } from './profile-rules.js';
import { Registration } from './registration.js';
import type { Session, StopReason } from './session.js';
import { defaultSettings, type Settings } from './settings.js';
import type { OutletState, SimulatedStation, StationEvent, StationOptions } from './station-options.js';
import { Transactions } from './transactions.js';

type Told = StationEvent extends infer E
  ? E extends StationEvent
    ? Omit<E, 'at' | 'station'>
    : never
  : never;
type ProfileAnswer = { readonly accepted: boolean; readonly reasonCode: string };

const RESUME_AFTER_MS = 30_000;
const RESET_AFTER_MS = 1_000;
const RESET_TAKES_MS = 15_000;

class Station implements StationControl, SimulatedStation {
  readonly id: string;
  readonly protocol: Protocol;
  readonly voltageV: number;
  readonly settings: Settings;
  readonly limits: ProfileLimits;
  readonly charging: Charging;
  readonly #options: StationOptions;
  readonly #later: Later;
  readonly #misbehaviour: Misbehaviour;
  readonly #dialect: Dialect;
  readonly #caller: Caller;
  readonly #connection: Connection;
  readonly #metering: Metering;
  readonly #registration: Registration;
  readonly #transactions: Transactions;
  readonly #onFrame: ReturnType<typeof createAnswering>;
  readonly #stampOffsetMs: number;
  readonly #listeners = new Set<(event: StationEvent) => void>();
  #powered = true;
  #pendingReset: StopReason | null = null;
  /** Counts connections: an answer goes back on the one that the call came on, or nowhere. */
  #connections = 0;

  constructor(options: StationOptions) {
    const { clock, random, protocol } = options;
    this.#options = options;
    this.id = options.id;
    this.protocol = protocol;
    this.voltageV = options.voltageV;
    this.settings = defaultSettings(options.meterIntervalS, options.clockAlignedIntervalS ?? 0);
    this.#later = createLater(clock);
    this.#misbehaviour = createMisbehaviour({ behaviour: options.behaviour ?? {}, clock, random });
    this.limits = this.#profileLimits();
    const scheduleOffsetMs = this.#clockError('wrongScheduleClock');
    this.#stampOffsetMs = scheduleOffsetMs + this.#clockError('wrongClock');
    this.charging = this.#createCharging(scheduleOffsetMs);
    this.#dialect = protocol === 'ocpp1.6' ? dialect16(this) : dialect201(this, random, () => clock.now());
    this.#caller = this.#createCaller();
    this.#connection = this.#createConnection();
    this.#metering = this.#createMetering();
    this.#registration = this.#createRegistration();
    this.#transactions = this.#createTransactions();
    this.#onFrame = this.#createAnswering();
    this.#beginMishaps();
    this.#connection.connect(options.startAfterMs ?? 0);
  }

  // What watchers see.

  get connected(): boolean {
    return this.#connection.open;
  }

  get queued(): number {
    return this.#caller.queued;
  }

  get evseIds(): readonly number[] {
    return this.charging.evses.map((evse) => evse.id);
  }

  outlet(evseId: number): OutletState {
    const evse = this.#evse(evseId);
    const session = this.charging.sessions.get(evseId);
    return {
      evseId,
      phases: evse.phases,
      phasesInUse: evse.phasesInUse,
      car: evse.car?.spec ?? null,
      deliveredWh: evse.deliveredWh,
      full: evse.full,
      charging: evse.state,
      transaction: session?.wireId ?? null,
      inSession: session !== undefined,
      offerA: evse.offerA,
      disobeys: this.charging.disobeying.has(evseId),
    };
  }

  drawA(evseId: number, at: number = this.#options.clock.now()): PerPhase {
    return this.#evse(evseId).drawAt(at);
  }

  compositeLimitA(evseId: number, at: number = this.#options.clock.now()): number {
    return this.charging.limitA(evseId, at);
  }

  energyWh(evseId: number): number {
    return this.#evse(evseId).energyWh;
  }

  profiles(): readonly InstalledProfile[] {
    return this.charging.profiles;
  }

  subscribe(listener: (event: StationEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // What people do.

  plugIn(evseId: number, car: CarSpec, options: { readonly idToken?: string | null } = {}): void {
    const evse = this.#evse(evseId);
    invariant(evse.car === null, `outlet ${this.id}/${evseId} is free`);
    evse.plugIn(car);
    this.#tell({ kind: 'plugged-in', evseId, needWh: car.energyNeedWh });
    this.#registration.report(evse);
    // An OCPP 1.6 idTag has at most 20 characters.
    this.#transactions.pluggedIn(
      evse,
      options.idToken === undefined ? `CARD-${this.id}`.slice(0, 20) : options.idToken,
    );
  }

  unplug(evseId: number): void {
    const evse = this.#evse(evseId);
    const { car, deliveredWh } = this.outlet(evseId);
    if (car === null) return;
    this.#transactions.unplugged(evse);
    evse.unplug();
    this.#registration.report(evse);
    this.#tell({ kind: 'unplugged', evseId, needWh: car.energyNeedWh, deliveredWh });
  }

  // What befalls it.

  goOffline(forMs: number): void {
    if (this.#powered) this.#connection.drop(forMs);
  }

  goSilent(forMs: number): void {
    if (this.#powered) this.#connection.fallSilent(forMs);
  }

  silenceMeters(forMs: number): void {
    this.#metering.fallSilent(forMs);
  }

  powerCycle(forMs: number): void {
    this.#powerCycle(forMs, 'PowerLoss', 'PowerUp');
  }

  close(): void {
    this.#listeners.clear();
    this.#misbehaviour.close();
    this.#connection.close();
    for (const part of [this.#caller, this.#metering, this.#registration, this.#transactions, this.charging])
      part.close();
    this.#later.close();
  }

  // What the central system's calls do (StationControl).

  stamp(at: number = this.#options.clock.now()): string {
    return new Date(at + this.#stampOffsetMs).toISOString();
  }

  submit(message: Message): void {
    this.#caller.submit(message);
  }

  setProfile(profile: ChargingProfile, evseId: number): ProfileAnswer {
    const answer = this.#judge(profile, evseId);
    if (answer.accepted) {
      this.#obeyOrNot(evseId);
      this.charging.install(profile, evseId);
    }
    this.#tell({ kind: 'profile-answered', evseId, profileId: profile.id, ...answer });
    return answer;
  }

  requestStart(request: StartRequest): boolean {
    const evse = this.#transactions.placeFor(request);
    if (evse === undefined) return false;
    // The answer leaves before the transaction begins.
    if (evse.car !== null) this.#later.after(0, () => this.#transactions.startNow(evse, request));
    else this.#transactions.awaitCar(evse, request);
    return true;
  }

  requestStop(session: Session, reason: StopReason): void {
    this.#transactions.stop(session, reason);
  }

  setOperative(evseId: number, operative: boolean): 'Accepted' | 'Scheduled' {
    const evses = this.charging.evses.filter((evse) => evseId === 0 || evse.id === evseId);
    for (const evse of evses) evse.operative = operative;
    this.#later.after(0, () => {
      for (const evse of evses) {
        this.#registration.report(evse);
        if (operative) this.#transactions.authorize(evse);
      }
    });
    // A running transaction goes on, and the outlet closes after it (OCPP 1.6 section 5.2, OCPP 2.0.1 G03).
    return !operative && evses.some((evse) => this.charging.sessions.has(evse.id)) ? 'Scheduled' : 'Accepted';
  }

  reset(reason: StopReason, when: 'now' | 'idle'): void {
    if (when === 'idle' && this.charging.sessions.size > 0) {
      this.#pendingReset = reason;
      return;
    }
    this.#pendingReset = null;
    this.#transactions.stopAll(reason);
    this.#later.after(RESET_AFTER_MS, () => this.#powerCycle(RESET_TAKES_MS, reason, 'RemoteReset'));
  }

  trigger(message: TriggeredMessage, evseId: number): void {
    const evses = this.charging.evses.filter((evse) => evseId === 0 || evse.id === evseId);
    if (message === 'boot') this.submit(this.#dialect.boot('Triggered'));
    else if (message === 'heartbeat') this.submit(this.#dialect.heartbeat());
    else if (message === 'status') this.#registration.sendStatuses(evseId === 0 ? [null, ...evses] : evses);
    else for (const evse of evses) this.#triggerMeter(evse, message);
  }

  settingsChanged(): void {
    this.#metering.settingsChanged();
    this.#registration.settingsChanged();
  }

  // Inside.

  #evse(evseId: number): Evse {
    const evse = this.charging.evse(evseId);
    invariant(evse !== undefined, `station ${this.id} has an outlet ${evseId}`);
    return evse;
  }

  #tell(event: Told): void {
    if (this.#listeners.size === 0) return;
    const told = { ...event, at: this.#options.clock.now(), station: this.id } as StationEvent;
    for (const listener of this.#listeners) listener(told);
  }

  #judge(profile: ChargingProfile, evseId: number): ProfileAnswer {
    const refusal = this.charging.refusal(profile, evseId);
    if (refusal !== null) return { accepted: false, reasonCode: refusal.reasonCode };
    if (this.#misbehaviour.happens('rejectsProfiles'))
      return { accepted: false, reasonCode: 'InternalError' };
    return { accepted: true, reasonCode: 'NoError' };
  }

  #obeyOrNot(evseId: number): void {
    const disobeys = this.#misbehaviour.happens('disobeys');
    for (const id of evseId === 0 ? this.evseIds : [evseId]) {
      if (disobeys) this.charging.disobeying.add(id);
      else this.charging.disobeying.delete(id);
    }
  }

  #triggerMeter(evse: Evse, message: 'meter' | 'transaction'): void {
    const session = this.charging.sessions.get(evse.id);
    // OCPP 2.0.1 F06: MeterValues asks for a MeterValuesRequest also during a transaction.
    const outside = message === 'meter' && this.protocol === 'ocpp2.0.1';
    if (session !== undefined && !outside) this.#metering.read(session, 'Trigger');
    else if (message === 'meter')
      this.submit(this.#dialect.reading(evse, this.#metering.sample(evse, 'Trigger')));
  }

  #powerCycle(forMs: number, reason: StopReason, bootReason: BootReason): void {
    if (!this.#powered) return;
    this.#pendingReset = null;
    this.#transactions.stopAll(reason);
    this.#powered = false;
    const flash = this.charging.persist();
    this.#registration.bootNext(bootReason);
    this.#tell({ kind: 'powered-off' });
    this.#connection.drop(forMs);
    this.#later.after(forMs, () => {
      this.#powered = true;
      this.charging.restore(this.#misbehaviour.happens('forgetsProfiles') ? '[]' : flash);
      this.#tell({ kind: 'powered-on' });
      this.#later.after(RESUME_AFTER_MS, () => this.#transactions.resume());
    });
  }

  #received(text: string): void {
    this.#options.log?.({ at: this.#options.clock.now(), station: this.id, way: 'in', text });
    const connection = this.#connections;
    this.#onFrame(text, (answer) => {
      if (connection === this.#connections) this.#send(answer);
    });
  }

  #send(text: string): void {
    this.#options.log?.({ at: this.#options.clock.now(), station: this.id, way: 'out', text });
    this.#connection.send(text);
  }

  #profileLimits(): ProfileLimits {
    // A DC station's power is known, and the voltage of the car at it is not.
    const isDc = this.#options.connectors.some((connector) => connector.dc !== undefined);
    const limits = { ...DEFAULT_LIMITS, ...this.#options.profileLimits };
    return isDc || this.#misbehaviour.happens('wattsOnly') ? { ...limits, rateUnits: ['W'] } : limits;
  }

  #clockError(name: 'wrongClock' | 'wrongScheduleClock'): number {
    if (!this.#misbehaviour.happens(name)) return 0;
    const offsetMs = this.#misbehaviour.amount(name) * 1000;
    return offsetMs === 0 ? -this.#options.clock.now() : offsetMs;
  }

  #createCharging(clockOffsetMs: number): Charging {
    const { connectors, random, clock, speed = 1, cabinet } = this.#options;
    const { protocol, voltageV, limits } = this;
    const told = new Map<number, PerPhase>();
    const using = new Map<number, number>();
    const onDraw = (evse: Evse): void => {
      const drawA = evse.drawAt(clock.now());
      if (told.get(evse.id) !== drawA) this.#tell({ kind: 'draw-changed', evseId: evse.id, drawA });
      told.set(evse.id, drawA);
      // A limit in watts is another current on other phases.
      const before = using.get(evse.id) ?? evse.phasesInUse.length;
      using.set(evse.id, evse.phasesInUse.length);
      if (before !== evse.phasesInUse.length) this.charging.refresh();
      this.#transactions.drawChanged(evse);
    };
    const turns = this.#misbehaviour.happens('rotated') ? this.#misbehaviour.amount('rotated') : 0;
    const evses = connectors.map(
      (connector) =>
        new Evse(
          { ...connector, phases: connector.phases.map((phase) => ((phase + turns) % 3) as Phase) },
          { clock, random, voltageV, speed, onDraw },
        ),
    );
    const shared = cabinet === undefined ? {} : { cabinet };
    return new Charging({ protocol, evses, voltageV, clock, limits, clockOffsetMs, ...shared });
  }

  #createCaller(): Caller {
    const { clock, random } = this.#options;
    return new Caller({
      clock,
      later: this.#later,
      idPrefix: Math.floor(random() * 0x1_0000_0000).toString(36),
      send: (text) => this.#send(text),
      settings: this.settings,
      misbehaviour: this.#misbehaviour,
    });
  }

  #createConnection(): Connection {
    const { dial, random, clock, backOff } = this.#options;
    return new Connection({
      station: { id: this.id, protocol: this.protocol },
      dial,
      clock,
      random,
      backOff: { ...DEFAULT_BACK_OFF, ...backOff },
      onOpen: () => {
        this.#connections++;
        this.#tell({ kind: 'connected' });
        this.#registration.opened();
      },
      onMessage: (text) => this.#received(text),
      onClose: (code, reason) => {
        this.#connections++;
        this.#registration.lost();
        this.#tell({ kind: 'disconnected', code, reason });
      },
    });
  }

  #createMetering(): Metering {
    const { clock, random } = this.#options;
    return new Metering({
      clock,
      random,
      settings: this.settings,
      misbehaviour: this.#misbehaviour,
      evses: this.charging.evses,
      sessions: this.charging.sessions,
      sampled: (session, sample, bare) =>
        this.#dialect.sampled(session, sample, { bare, offline: !this.connected }),
      reading: (evse, sample) => this.#dialect.reading(evse, sample),
      submit: (message) => this.submit(message),
    });
  }

  #createRegistration(): Registration {
    return new Registration({
      clock: this.#options.clock,
      later: this.#later,
      settings: this.settings,
      misbehaviour: this.#misbehaviour,
      dialect: this.#dialect,
      caller: this.#caller,
      evses: this.charging.evses,
      onRegistered: () => this.#tell({ kind: 'registered' }),
    });
  }

  #createTransactions(): Transactions {
    return new Transactions({
      clock: this.#options.clock,
      settings: this.settings,
      dialect: this.#dialect,
      caller: this.#caller,
      charging: this.charging,
      metering: this.#metering,
      registration: this.#registration,
      powered: () => this.#powered,
      connected: () => this.connected,
      onStarted: (evse) => this.#tell({ kind: 'session-started', evseId: evse.id }),
      onAccepted: (session) => this.#sayNeeds(session),
      onEnded: (evse, reason, energyWh) => {
        this.#tell({ kind: 'session-ended', evseId: evse.id, reason, energyWh });
        if (this.#pendingReset !== null) this.reset(this.#pendingReset, 'idle');
      },
    });
  }

  #sayNeeds(session: Session): void {
    const { evse } = session;
    const says = evse.car?.spec.says;
    if (says === undefined) return;
    const message = this.#dialect.needs(session);
    if (message !== null) this.submit(message);
    else if (this.protocol === 'ocpp1.6')
      this.#tell({
        kind: 'needs-said',
        evseId: evse.id,
        energyWh: evse.saysWh,
        departAt: says.departAt ?? null,
      });
  }

  #createAnswering(): ReturnType<typeof createAnswering> {
    return createAnswering({
      protocol: this.protocol,
      later: this.#later,
      random: this.#options.random,
      misbehaviour: this.#misbehaviour,
      dialect: this.#dialect,
      answered: (id, answer) => this.#caller.answered(id, answer),
    });
  }

  #beginMishaps(): void {
    this.#misbehaviour.episodes('goesOffline', (forMs) => this.goOffline(forMs));
    this.#misbehaviour.episodes('goesSilent', (forMs) => this.goSilent(forMs));
    this.#misbehaviour.episodes('meterGoesSilent', (forMs) => this.silenceMeters(forMs));
    this.#misbehaviour.episodes('reboots', (forMs) => this.powerCycle(forMs));
  }
}

/** A station that powers up at once, and connects and charges by itself until it is closed. */
export const createSimulatedStation = (options: StationOptions): SimulatedStation => new Station(options);
