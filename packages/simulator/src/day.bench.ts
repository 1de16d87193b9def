// How much of a processor the simulator's own part takes: 60 stations, half of each version, a
// simulated day of meter values every 300 s, against a central system that only answers.
// Run: npx tsc -b packages/simulator && node packages/simulator/dist/day.bench.js

import { type Clock, VirtualClock } from '@ampledger/kernel';
import { createArrivals } from './arrivals.js';
import { createFleet, type StationSpec } from './fleet.js';
import type { Dial } from './link.js';

const START = Date.parse('2026-03-02T00:00:00Z');
const DAY_MS = 86_400_000;

/** Answers every call; counts them. */
function answering(clock: Clock, count: { messages: number; bytes: number }): Dial {
  let transactions = 0;
  return (station, handlers) => {
    const accepted =
      station.protocol === 'ocpp1.6'
        ? '"idTagInfo":{"status":"Accepted"}'
        : '"idTokenInfo":{"status":"Accepted"}';
    clock.after(0, () => handlers.onOpen());
    return {
      send: (text) => {
        count.messages++;
        count.bytes += text.length;
        const id = text.slice(3, text.indexOf('",', 3) + 1);
        const answer = `{"status":"Accepted","interval":300,"transactionId":${++transactions},${accepted}}`;
        clock.after(0, () => handlers.onMessage(`[3,${id},${answer}]`));
      },
      close: () => {},
    };
  };
}

const stations = (count: number): readonly StationSpec[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `st-${i}`,
    protocol: i % 2 === 0 ? 'ocpp1.6' : 'ocpp2.0.1',
    connectors: [{ evseId: 1, phases: [0, 1, 2], maxA: 32 }],
  }));

async function day(): Promise<void> {
  const clock = new VirtualClock(START);
  const count = { messages: 0, bytes: 0 };
  const dial = answering(clock, count);
  const fleet = createFleet({
    seed: 1,
    clock,
    dial,
    voltageV: 230,
    meterIntervalS: 300,
    stations: stations(60),
  });
  createArrivals({ seed: 1, clock, stations: fleet.stations, profile: 'busy' });
  const before = process.cpuUsage();
  await clock.runUntil(START + DAY_MS);
  const used = process.cpuUsage(before);
  const cpuMs = (used.user + used.system) / 1000;
  console.log(
    JSON.stringify({
      stations: 60,
      ...count,
      cpuMs: Math.round(cpuMs),
      usPerMessage: Math.round((cpuMs * 1000) / count.messages),
    }),
  );
}

// The first days warm the compiler up.
for (let i = 0; i < 5; i++) await day();
