// The writing thread seen from this side: one transaction at a time, in order. A transaction that
// fails for want of space was rolled back and may be repeated; any other failure is final, because
// after a failed fsync nobody knows what is on the disk.

import { Worker } from 'node:worker_threads';
import { PortError } from '@ampledger/ports';
import { type BindValue, portError } from './database.js';

export interface Change {
  readonly sql: string;
  readonly rows: readonly (readonly BindValue[])[];
}

export type DatabaseName = 'log' | 'snapshots';
const DATABASES: readonly DatabaseName[] = ['log', 'snapshots'];

export interface Transactions {
  /** Resolves when the changes are on disk, all of them. */
  run(database: DatabaseName, changes: readonly Change[]): Promise<void>;
  /** Runs what was asked for, then ends the thread. */
  close(): Promise<void>;
}

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

interface Waiter {
  resolve(): void;
  reject(error: PortError): void;
}

export function startTransactions(
  paths: Readonly<Record<DatabaseName, string>>,
  bytesMax: number,
  onFatal: (error: PortError) => void,
): Transactions {
  const worker = new Worker(new URL('./writer-worker.mjs', import.meta.url), {
    workerData: { paths: DATABASES.map((name) => paths[name]), bytesMax },
  });
  const waiting: Waiter[] = [];
  let fatal: PortError | undefined;
  let closing = false;

  const fail = (error: PortError): void => {
    if (fatal) return;
    fatal = error;
    for (const waiter of waiting.splice(0)) waiter.reject(error);
    onFatal(error);
  };
  worker.on('message', (answer: Answer) => {
    const waiter = waiting.shift();
    if (answer.ok) return waiter?.resolve();
    const error = portError('writing', Object.assign(new Error(answer.error?.message), answer.error));
    waiter?.reject(error);
    if (error.code !== 'FULL') fail(error);
  });
  worker.on('error', (error) => fail(portError('writing', error)));
  worker.on('exit', (code) => {
    if (!closing || waiting.length > 0)
      fail(new PortError('IO', `The writing thread ended with code ${code}`));
  });

  const send = (message: unknown, transfer: ArrayBuffer[]): Promise<void> =>
    new Promise((resolve, reject) => {
      if (fatal) return reject(fatal);
      waiting.push({ resolve, reject });
      worker.postMessage(message, transfer);
    });
  return {
    run: (database, changes) => send({ database: DATABASES.indexOf(database), changes }, buffersOf(changes)),
    async close() {
      closing = true;
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      if (fatal) await worker.terminate();
      else {
        await send('close', []);
        await exited;
      }
    },
  };
}

/** Page payloads own their memory and move to the thread without a copy. */
function buffersOf(changes: readonly Change[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const { rows } of changes) {
    for (const row of rows) {
      for (const value of row) if (typeof value === 'object') buffers.push(value.buffer as ArrayBuffer);
    }
  }
  return buffers;
}
