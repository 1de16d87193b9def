// A fleet of simulated stations as the business of a process, with a line that says how it goes.

import type { SiteConfig } from '@ampledger/domain';
import { type Clock, systemClock } from '@ampledger/kernel';
import { watchSignals } from '@ampledger/process';
import {
  type ArrivalProfile,
  BEHAVIOURS,
  type Behaviour,
  createFleet,
  type StationSpec,
  webSocketDial,
} from '@ampledger/simulator';
import { CliError, EXIT, type ExitCode } from '../exit.js';
import { stderrLog } from '../log.js';
import { print } from '../output.js';
import { misbehaving, numberedStations, type ProtocolChoice, stationsOfSite } from '../simulated-site.js';
import { sitesOrExit } from '../site-files.js';
import { startDrivers } from './drivers.js';
import { passOnNeeds } from './pass-on-needs.js';
import { startStatusLine } from './status-line.js';
import { startTally } from './tally.js';

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
  // Never released: what npm passes on may come after we are done, and would end us by the signal.
  const signals = watchSignals(stderrLog());
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
  const tally = startTally(fleet, () => clock.now());
  const status = startStatusLine(fleet, clock, process.stderr);
  await Promise.race([signals.ended, over(clock, options.for)]);
  status.close();
  arrivals.close();
  passedOn?.close();
  tally.close();
  fleet.close();
  toStderr(`${tally.text()}.`);
  if (tally.anyConnected) return EXIT.ok;
  throw new CliError(EXIT.cannotStart, nobodyTaken(url));
}

const nobodyTaken = (url: string): string =>
  `No station could connect to ${url}: does the engine run there, are these stations in its site file, do they need --password?`;

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

/** Resolves when the time is over, if it ever is. */
const over = (clock: Clock, forS: number | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (forS !== undefined) clock.after(forS * 1000, resolve);
  });
