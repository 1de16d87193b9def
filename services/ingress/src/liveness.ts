// Whether the other end of a socket still lives. Pings on a period; two that stay unanswered end it.

import type { Clock, Timer } from '@ampledger/kernel';
import type { StationSocket } from './contract.js';

export interface Liveness {
  /** Something came from the station. */
  heard(): void;
  /** Asks now: true as soon as anything is heard, false when nothing is for `timeoutMs`. */
  probe(timeoutMs: number): Promise<boolean>;
  stop(): void;
}

interface Probe {
  readonly answer: Promise<boolean>;
  readonly settle: (alive: boolean) => void;
}

export function createLiveness(deps: {
  readonly clock: Clock;
  readonly socket: StationSocket;
  readonly periodMs: number;
  readonly missedMax: number;
  /** A socket that we do not read cannot show a pong. */
  readonly isPaused: () => boolean;
  readonly onDead: () => void;
}): Liveness {
  const { clock, socket } = deps;
  let missed = 0;
  let probe: Probe | undefined;
  let timer: Timer = clock.after(deps.periodMs, beat);

  function beat(): void {
    if (missed >= deps.missedMax) {
      deps.onDead();
      return;
    }
    if (!deps.isPaused()) missed += 1;
    socket.ping();
    timer = clock.after(deps.periodMs, beat);
  }
  return {
    heard() {
      missed = 0;
      probe?.settle(true);
    },
    probe(timeoutMs) {
      probe ??= startProbe(clock, socket, timeoutMs, () => {
        probe = undefined;
      });
      return probe.answer;
    },
    stop() {
      timer.cancel();
      probe?.settle(false);
    },
  };
}

function startProbe(clock: Clock, socket: StationSocket, timeoutMs: number, done: () => void): Probe {
  let settle: (alive: boolean) => void = () => {};
  const answer = new Promise<boolean>((resolve) => {
    const timer = clock.after(timeoutMs, () => settle(false));
    settle = (alive) => {
      timer.cancel();
      done();
      resolve(alive);
    };
  });
  socket.ping();
  return { answer, settle };
}
