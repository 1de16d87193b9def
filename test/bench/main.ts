// Runs one benchmark: `npm run bench -- NAME [options]`.

import { usageFault } from './arguments.js';

const BENCHMARKS: Readonly<Record<string, string>> = {
  acn: 'real charging sessions under capacities that do not suffice: energy, demands met and fairness by scheduler',
  admission:
    'who gets the minimum when not everybody can: against the best set and greedy ones, and how fast',
  backbone: 'the services over Kafka and an event store: rates, latency, rebuild, and what a station costs',
  decide:
    'whole decisions of a site, from its state to the limits that are recorded, by policy and kind of change',
  ingress: 'durable MeterValues per second over many stations, against a bare echo and a strict server',
  loop: 'time from a capping PUT to the last SetChargingProfile on the wire',
  log: 'durable appends and replay of the embedded log, against the raw library and JSON.parse',
  minima: 'what 6 A or nothing costs of plans: the engine beside the best schedule with minima',
  plan: 'the look-ahead on made-up days: cold, and again after one change',
  solve: 'filling generated sites: all, after one change, and certified; against a naive filling',
};

interface Benchmark {
  run(args: string[]): Promise<void>;
}

function usage(): string {
  const lines = Object.entries(BENCHMARKS).map(([name, what]) => `  ${name.padEnd(10)}${what}`);
  return ['Usage: npm run bench -- NAME [options]', '', 'Benchmarks:', ...lines, ''].join('\n');
}

async function main(name: string | undefined, args: string[]): Promise<number> {
  if (name === '--help' || name === '-h') {
    process.stdout.write(usage());
    return 0;
  }
  if (name === undefined || !Object.hasOwn(BENCHMARKS, name)) {
    process.stderr.write(name === undefined ? usage() : `No benchmark is called ${name}.\n\n${usage()}`);
    return 2;
  }
  const benchmark = (await import(new URL(`./${name}.js`, import.meta.url).href)) as Benchmark;
  try {
    await benchmark.run(args);
    return 0;
  } catch (error) {
    const fault = usageFault(error);
    if (fault === undefined) throw error;
    process.stderr.write(`${fault}\n(npm run bench -- ${name} --help shows how to use it)\n`);
    return 2;
  }
}

process.exitCode = await main(process.argv[2], process.argv.slice(3));
