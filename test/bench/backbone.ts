// The services over processes, on a Kafka broker and an event store server of their own: how many events a
// second become durable and recorded, how long a limit takes, how fast all is rebuilt, and what one more
// station costs. Each figure beside what the bare client does in the same run.

import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { amountOf, countOf, countsOf, existingDirectory, namesOf } from './arguments.js';
import { type Figures, medians, shown, table } from './backbone-figures.js';
import { measureEmbedded, measureLatency } from './backbone-latency.js';
import { whatIsMissing } from './backbone-processes.js';
import { measureScale } from './backbone-scale.js';

const HELP = `Usage: npm run bench -- backbone [options]

Prints what the services do over Kafka and an event store, each figure beside the bare client's in the same run.
Starts a broker (Java 17 and Maven), an event store server of the tests (or takes that of EVENTSTORE_URL, which
must be empty: then one cluster only, see --only, --stations and --rounds) and the processes of the built tree.

  --only LIST      of: ingress, recorder, rebuild, paced (each with those before it), latency (default all)
  --stations LIST  numbers of stations (default 100,1000,10000); latency takes 100
  --per-site N     stations of a site (default 10)
  --partitions N   of the topic (default 12)
  --seconds N      how long each figure is measured (default 10)
  --rounds N       how often everything is done; the median of each figure counts (default 3)
  --interval N     seconds between two meter values of a station at the pace of every day (default 10)
  --dir DIR        where everything is kept and removed again (default the system's temporary directory)
  --json           one object instead of tables

Broker, stations and services share this machine. What a core could do by itself is 1,000,000 over the processor
time of a message, and is printed as such.
`;

const PROCESSES = ['ingress', 'recorder', 'optimizer', 'command', 'api', 'kafka', 'store'];

const SCALE_ROWS: readonly (readonly [string, string])[] = [
  ['connectedPerS', 'stations connected, with boot and start of a session /s'],
  ['connectCpuUs', '  ingress CPU us each'],
  ['ingressIdleMb', 'ingress MB, nobody connected'],
  ['ingressConnectedMb', '  all connected'],
  ['ingressBusyMb', '  after the load'],
  ['connectionKb', '  KB a connection'],
  ['ingressPerS', 'station messages durable in Kafka /s'],
  ['ingressOfRaw', '  of bare kafkajs'],
  ['ingressP50Ms', '  answered, p50 ms'],
  ['ingressP99Ms', '  answered, p99 ms'],
  ['ingressUs', '  ingress CPU us a message'],
  ['ingressPerCore', '  a core of ingress could do /s'],
  ['brokerUs', '  broker CPU us a message'],
  ['loadUs', '  stations CPU us a message'],
  ['rawProducePerS', 'bare kafkajs, same messages, 500 a request /s'],
  ['rawProduceUs', '  CPU us a message'],
  ['rawConsumePerS', 'bare kafkajs reads the topic /s'],
  ['valueBytes', 'bytes of a meter event, as JSON'],
  ['kafkaBytes', '  in Kafka, each event'],
  ['recordedBytes', '  as it is given to the store, JSON'],
  ['storeBytes', '  in the files of the store server, each event'],
  ['recorderPerS', 'recorder /s'],
  ['recorderOfRaw', '  of the bare client'],
  ['recorderUs', '  recorder CPU us an event'],
  ['storeUs', '  store CPU us an event'],
  ['drainS', '  until all of it was in the store, s'],
  ['recorderMb', '  recorder MB'],
  ['rawAppendPerS', 'bare client, same appends /s'],
  ['rawAppendUs', '  CPU us an event'],
  ['eventsPerAppend', '  events an append'],
  ['historyEvents', 'events on record at the rebuild'],
  ['rebuildPerS', 'rebuilt without snapshots, all partitions /s'],
  ['rebuildOfRaw', '  of the bare client'],
  ['rawReadPerS', 'bare client reads the same, by the same filter /s'],
  ['rawReadAllPerS', 'bare client reads everything in one pass /s'],
  ['rebuildS', 'rebuild of all partitions, one after another, s'],
  ['restoreS', '  with snapshots, s'],
  ['restoreWorstMs', '  with snapshots, the slowest partition ms'],
  ['restoreEvents', '  events read since the snapshots'],
  ['restoreSites', '  sites that began with a snapshot'],
  ['optimizerReadyS', 'optimizer ready after s'],
  ['commandReadyS', 'command ready after s'],
  ['apiReadyS', 'api ready after s'],
  ['commissionedS', 'all stations told their limits after s'],
  ['pacedPerS', 'at the pace of every day: messages /s'],
  ['eventsPerMessage', '  events a message'],
  ['pacedP50Ms', '  answered, p50 ms'],
  ['pacedP99Ms', '  answered, p99 ms'],
  ...PROCESSES.flatMap((name) => [
    [`${name}CpuPercent`, `  ${name} % of a core`] as const,
    [`${name}Mb`, `  ${name} MB`] as const,
  ]),
  ['ingressEventUs', 'one event, with all that follows: ingress CPU us'],
  ['followerEventUs', '  an ingress without stations'],
  ...PROCESSES.slice(1).map((name) => [`${name}EventUs`, `  ${name}`] as const),
  ['takenAfterKillS', 'an optimizer killed: the other has all partitions after s'],
  ['takenAfterEndS', '  told to end'],
  ['ingressIdlePercent', 'when nothing happens: ingress % of a core'],
  ...PROCESSES.slice(1).map((name) => [`${name}IdlePercent`, `  ${name}`] as const),
];

const LATENCY_ROWS: readonly (readonly [string, string])[] = [
  ['loop', 'meter value to limit at another station'],
  ['received', '  at ingress'],
  ['sent', '  on its way to Kafka'],
  ['decided', '  stored, fetched, folded, gathered (tick), solved'],
  ['decidedSent', '  on its way to Kafka'],
  ['commanded', '  stored, fetched, folded, commanded'],
  ['commandedSent', '  on its way to Kafka'],
  ['delivered', '  stored, fetched, sent, at the station'],
  ['loopAnswer', 'meter value to its answer'],
  ['bare', 'bare kafkajs: there, back'],
  ['embedded', 'embedded engine: meter value to limit'],
  ['embeddedAnswer', 'embedded engine: meter value to its answer'],
];

interface Options {
  readonly json: boolean;
  readonly stations: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly partitions: number;
  readonly perSite: number;
  readonly intervalMs: number;
  readonly steps: ReadonlySet<string>;
  readonly parent: string;
}

export async function run(args: string[]): Promise<void> {
  const options = optionsOf(args);
  if (options === null) {
    process.stdout.write(HELP);
    return;
  }
  const missing = refusal(options) ?? (await whatIsMissing());
  if (missing !== null) {
    process.stderr.write(`${missing}\n`);
    process.exitCode = 3;
    return;
  }
  const rounds: { scale: Map<number, Figures[]>; latency: Figures[] } = { scale: new Map(), latency: [] };
  for (let round = 0; round < options.rounds; round++) {
    for (const stations of scaleOf(options)) {
      say(`round ${round + 1}: ${stations} stations ...`);
      const figures = await measureScale({ ...options, stations });
      rounds.scale.set(stations, [...(rounds.scale.get(stations) ?? []), figures]);
    }
    if (!options.steps.has('latency')) continue;
    say(`round ${round + 1}: from a meter value to a limit ...`);
    const latency = { ...options, sites: 25, perSite: 4 };
    rounds.latency.push({ ...(await measureLatency(latency)), ...(await measureEmbedded(latency)) });
  }
  if (options.json) process.stdout.write(`${JSON.stringify(asJson(rounds))}\n`);
  else print(rounds);
}

const STEPS = ['ingress', 'recorder', 'rebuild', 'paced'] as const;

function optionsOf(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      stations: { type: 'string', default: '100,1000,10000' },
      'per-site': { type: 'string', default: '10' },
      partitions: { type: 'string', default: '12' },
      seconds: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '3' },
      interval: { type: 'string', default: '10' },
      dir: { type: 'string', default: tmpdir() },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return null;
  const known = [...STEPS, 'latency'] as const;
  const steps = new Set<string>(
    values.only === undefined ? known : namesOf(values.only, { option: 'only', known }),
  );
  if (steps.has('rebuild') || steps.has('paced')) steps.add('recorder');
  return {
    json: values.json,
    stations: countsOf(values.stations, { option: 'stations' }),
    rounds: countOf(values.rounds, { option: 'rounds' }),
    seconds: amountOf(values.seconds, { option: 'seconds' }),
    partitions: countOf(values.partitions, { option: 'partitions' }),
    perSite: countOf(values['per-site'], { option: 'per-site' }),
    intervalMs: amountOf(values.interval, { option: 'interval' }) * 1_000,
    steps,
    parent: existingDirectory(values.dir, { option: 'dir' }),
  };
}

const scaleOf = ({ steps, stations }: Options): readonly number[] =>
  STEPS.some((step) => steps.has(step)) ? stations : [];

function refusal(options: Options): string | null {
  const clusters = options.rounds * (scaleOf(options).length + (options.steps.has('latency') ? 1 : 0));
  if (process.env.EVENTSTORE_URL === undefined || clusters === 1) return null;
  return `EVENTSTORE_URL names one server, and this would need ${clusters} empty ones: take --rounds 1, and --only latency or one number of --stations without it.`;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

type Rounds = { readonly scale: ReadonlyMap<number, Figures[]>; readonly latency: readonly Figures[] };

const asJson = ({ scale, latency }: Rounds) => ({
  scale: Object.fromEntries([...scale].map(([stations, rounds]) => [stations, medians(rounds)])),
  latency: medians(latency),
});

function print({ scale, latency }: Rounds): void {
  const columns = [...scale].map(([stations, rounds]) => ({
    name: `${stations.toLocaleString('en-US')} stations`,
    figures: medians(rounds),
  }));
  if (columns.length > 0) process.stdout.write(table('', columns, SCALE_ROWS));
  if (latency.length === 0) return;
  const all = medians(latency);
  const column = (name: string, suffix: string) => ({
    name,
    figures: Object.fromEntries(
      LATENCY_ROWS.flatMap(([row]) => {
        const value = all[`${row}${suffix}`];
        return value === undefined ? [] : [[row, value] as const];
      }),
    ),
  });
  process.stdout.write(
    `\n${table(`${shown(all.loopMoves)} moves a round, ${shown(all.loopWithout)} without a limit that followed`, [column('p50 ms', 'P50Ms'), column('p99 ms', 'P99Ms')], LATENCY_ROWS)}`,
  );
  process.stdout.write(`The loop takes ${shown(all.loopOfBare)} x the bare round trip, by the medians.\n`);
}
