// The process that kill.test.ts kills: publishes without end and prints each acknowledged call.
// Arguments: directory, run number.

import { writeSync } from 'node:fs';
import type { NewEvent } from '@ampledger/ports';
import { openEmbeddedLog } from './embedded-log.js';

const [directory = '', run = ''] = process.argv.slice(2);
const PUBLISHERS = 8;
const EVENTS_A_CALL = 5;

const event = (stream: string, n: number): NewEvent => ({
  id: `${stream}#${n}`,
  key: stream,
  stream,
  type: 'MeterSampled',
  version: 1,
  data: { n, text: 'x'.repeat(n % 3000) },
  meta: { receivedAt: 1_790_000_000_000 + n },
});

const log = await openEmbeddedLog({ directory, onWarning: () => {} });

async function publishForever(publisher: number): Promise<void> {
  const stream = `run-${run}-${publisher}`;
  for (let n = 0; ; n += EVENTS_A_CALL) {
    await log.bus.publish(Array.from({ length: EVENTS_A_CALL }, (_, i) => event(stream, n + i)));
    // Written at once: what the parent has read was acknowledged before the kill.
    writeSync(1, `${stream} ${n + EVENTS_A_CALL}\n`);
  }
}

await Promise.all(Array.from({ length: PUBLISHERS }, (_, publisher) => publishForever(publisher)));
