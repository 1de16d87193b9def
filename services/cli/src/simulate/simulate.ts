// A fleet of simulated stations as the business of a process, with a line that says how it goes.

import type { SiteConfig } from '@ampledger/domain';
import { type Clock, systemClock } from '@ampledger/kernel';
import {
  type ArrivalProfile,
  BEHAVIOURS,
  type Behaviour,
  createFleet,
  type StationSpec,
  webSocketDial,
} from '@ampledger/simulator';
import { CliError, EXIT, type ExitCode } from '../exit.js';
import { print } from '../output.js';
import { misbehaving, numberedStations, type ProtocolChoice, stationsOfSite } from '../simulated-site.js';
import { sitesOrExit } from '../site-files.js';
import { startDrivers } from './drivers.js';
import { passOnNeeds } from './pass-on-needs.js';
import { startStatusLine } from './status-line.js';

export interface SimulateOptions {
  readonly stations?: number;
  readonly site?: string;
  readonly url: string;
  readonly protocol: ProtocolChoice;
  readonly prefix: string;
  readonly password?: string;
  readonly cars: ArrivalProfile;
  readonly tell: number;
  readonly api?: string;
  readonly seed?: string;
  readonly speed: number;
  readonly meter: number;
  readonly behave?: readonly string[];
  readonly behaveShare: number;
  readonly for?: number;
  readonly json?: true;
}

const VOLTAGE_V = 230;
/** So many stations connect in a second. */
const CONNECTS_PER_S = 200;

export async function simulate(options: SimulateOptions): Promise<ExitCode> {
  const clock = systemClock;
  const { specs, site } = specsOf(options);
  const seed = options.seed ?? String(clock.now());
  const stations = misbehaving(specs, behaviourOf(options.behave ?? []), options.behaveShare);
  const { url, password, speed } = options;
  const fleet = createFleet({
    seed,
    stations,
    voltageV: site?.voltageV ?? VOLTAGE_V,
    clock,
    dial: webSocketDial({ url, ...(password === undefined ? {} : { password }) }),
    meterIntervalS: options.meter,
    speed,
    startWithinMs: (specs.length / CONNECTS_PER_S) * 1000,
  });
  const { cars: profile, tell } = options;
  const arrivals = startDrivers({ seed, clock, fleet, site, profile, speed, tell });
  const passedOn =
    site === null || options.api === undefined
      ? undefined
      : passOnNeeds(fleet, { site: site.id, apiUrl: options.api }, { clock, onFailure: toStderr });
  if (options.json) fleet.subscribe((event) => void print(`${JSON.stringify(event)}\n`));
  process.stderr.write(`${stations.length} stations to ${url}, seed ${seed}\n`);
  const status = startStatusLine(fleet, clock, process.stderr);
  await ended(clock, options.for);
  status.close();
  arrivals.close();
  passedOn?.close();
  fleet.close();
  return EXIT.ok;
}

const toStderr = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

function specsOf({ stations, site, prefix, protocol, api }: SimulateOptions): {
  readonly specs: readonly StationSpec[];
  readonly site: SiteConfig | null;
} {
  if ((stations === undefined) === (site === undefined)) {
    throw new CliError(
      EXIT.badInput,
      'Say which stations: so many with --stations, or those of a site file with --site.',
    );
  }
  if (stations !== undefined) {
    if (api !== undefined)
      throw new CliError(EXIT.badInput, '--api needs --site: what a driver says is of a site.');
    return { specs: numberedStations(prefix, stations, protocol), site: null };
  }
  const [config] = sitesOrExit([site ?? '']);
  return config === undefined
    ? { specs: [], site: null }
    : { specs: stationsOfSite(config, protocol), site: config };
}

function behaviourOf(wanted: readonly string[]): Behaviour {
  const entries = wanted.map((text) => {
    const [name = '', probability] = text.split(':');
    const number = probability === undefined ? undefined : Number(probability);
    if (!Object.hasOwn(BEHAVIOURS, name)) {
      throw new CliError(
        EXIT.badInput,
        `There is no behaviour "${name}". There are: ${Object.keys(BEHAVIOURS).join(', ')}.`,
      );
    }
    if (number !== undefined && !(number >= 0 && number <= 1)) {
      throw new CliError(
        EXIT.badInput,
        `--behave ${text}: expected a probability from 0 to 1 after the colon.`,
      );
    }
    return [name, number === undefined ? {} : { probability: number }] as const;
  });
  return Object.fromEntries(entries);
}

/** Resolves at the first signal, or when the time is over. */
function ended(clock: Clock, forS: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = forS === undefined ? undefined : clock.after(forS * 1000, resolve);
    const onSignal = (): void => {
      timer?.cancel();
      resolve();
    };
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);
  });
}
