// Where a live stream goes: an HTTP response, seen as something that takes text and may be slow.

import type { ServerResponse } from 'node:http';
import type { Clock } from '@ampledger/kernel';

export interface Sink {
  write(text: string): void;
  /** Bytes that were written and that the client has not taken. */
  bufferedBytes(): number;
  /** Resolves when the client has taken what was written; false when it took none for `withinMs`, or is gone. */
  drained(withinMs: number): Promise<boolean>;
  /** Ends the stream in good order. */
  end(): void;
  /** Drops the client. */
  drop(): void;
  onClose(listener: () => void): void;
}

export function responseSink(response: ServerResponse, clock: Clock): Sink {
  return {
    write: (text) => {
      if (!response.destroyed) response.write(text);
    },
    bufferedBytes: () => response.writableLength,
    drained: (withinMs) =>
      new Promise((resolve) => {
        if (response.destroyed) return resolve(false);
        if (!response.writableNeedDrain) return resolve(true);
        const settle = (drained: boolean) => {
          timer.cancel();
          response.off('drain', onDrain);
          response.off('close', onGone);
          resolve(drained);
        };
        const onDrain = () => settle(true);
        const onGone = () => settle(false);
        const timer = clock.after(withinMs, onGone);
        response.once('drain', onDrain);
        response.once('close', onGone);
      }),
    end: () => response.end(),
    drop: () => response.destroy(),
    onClose: (listener) => response.once('close', listener),
  };
}
