// The solver's thread seen from this side: one programme at a time. It is started when it is needed, ended when
// it does not stop in time or anything at all goes wrong with it, and then started again for the next programme.

import { Worker } from 'node:worker_threads';
import type { SparseLp } from './lp.js';
import type { LpReply, LpRequest } from './lp-messages.js';

export type ThreadAnswer =
  | { readonly kind: 'reply'; readonly reply: LpReply }
  /** It did not stop in time and was ended. */
  | { readonly kind: 'late' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** `end` was called. */
  | { readonly kind: 'ended' };

export interface SolverThread {
  /** Never rejects. To be called again only when it has answered. The programme's arrays move to the thread. */
  run(request: LpRequest): Promise<ThreadAnswer>;
  /** Ends the thread, and with it what runs. The next `run` starts a new one. */
  end(): Promise<void>;
}

export interface ThreadLimits {
  /** How long it may take to start. */
  readonly startMs: number;
  /** How much longer than the request's limit it may take. */
  readonly graceMs: number;
  readonly heapMb: number;
}

interface Open {
  readonly request: LpRequest;
  answer(answer: ThreadAnswer): void;
}

export function createSolverThread({ startMs, graceMs, heapMb }: ThreadLimits): SolverThread {
  let worker: Worker | null = null;
  let isReady = false;
  let open: Open | null = null;
  let timer: NodeJS.Timeout | undefined;

  const settle = (answer: ThreadAnswer): void => {
    clearTimeout(timer);
    // While nothing runs, the thread does not keep the process alive.
    worker?.unref();
    const { answer: tell } = open ?? {};
    open = null;
    tell?.(answer);
  };
  const drop = async (answer: ThreadAnswer): Promise<void> => {
    const old = worker;
    worker = null;
    isReady = false;
    old?.removeAllListeners();
    // What it still has to say is nobody's concern any more; unheard, an error would end the process.
    old?.on('error', () => undefined);
    settle(answer);
    await old?.terminate();
  };
  const fail = (reason: string): void => void drop({ kind: 'failed', reason });

  const send = (): void => {
    if (open === null) return;
    clearTimeout(timer);
    timer = setTimeout(() => void drop({ kind: 'late' }), open.request.timeLimitMs + graceMs);
    worker?.postMessage(open.request, buffersOf(open.request.lp));
  };
  const receive = (message: LpReply | 'ready'): void => {
    if (message === 'ready') {
      isReady = true;
      send();
    } else if (message.id === open?.request.id) settle({ kind: 'reply', reply: message });
  };
  const start = (): Worker => {
    const started = new Worker(new URL('./lp-worker.mjs', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    started.on('message', receive);
    started.on('messageerror', (error) => fail(error.message));
    started.on('error', (error: Error) => fail(error.message));
    started.on('exit', (code) => fail(`the solver's thread ended with code ${code}`));
    return started;
  };

  return {
    run: (request) =>
      new Promise((resolve) => {
        open = { request, answer: resolve };
        worker ??= start();
        worker.ref();
        if (isReady) send();
        else timer = setTimeout(() => fail("the solver's thread did not start in time"), startMs);
      }),
    end: () => drop({ kind: 'ended' }),
  };
}

function buffersOf(lp: SparseLp): ArrayBuffer[] {
  const arrays = [
    lp.colCost,
    lp.colLower,
    lp.colUpper,
    lp.rowLower,
    lp.rowUpper,
    lp.starts,
    lp.indices,
    lp.values,
  ];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}
