// So many at a time; the others wait their turn.

import { PortError } from '@ampledger/ports';

const WAITING_MAX = 10_000;

export interface Slots {
  /** Rejects with FULL when too many wait, or with what `fail` was given. */
  take(): Promise<void>;
  give(): void;
  fail(error: PortError): void;
}

export function createSlots(count: number): Slots {
  let free = count;
  let failure: PortError | undefined;
  const waiting: { readonly resolve: () => void; readonly reject: (error: PortError) => void }[] = [];
  return {
    async take() {
      if (failure) throw failure;
      if (free > 0) {
        free -= 1;
        return;
      }
      if (waiting.length >= WAITING_MAX) {
        throw new PortError('FULL', `${WAITING_MAX} appends are waiting for the event store`);
      }
      await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    },
    give() {
      const next = waiting.shift();
      if (next) next.resolve();
      else free += 1;
    },
    fail(error) {
      failure = error;
      for (const { reject } of waiting.splice(0)) reject(error);
    },
  };
}
