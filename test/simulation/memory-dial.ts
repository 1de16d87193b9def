// Stations' sockets in memory: frames take their time and keep their order; a station that fell
// silent neither hears nor answers.

import type { Connection, Ingress, StationSocket } from '@ampledger/ingress';
import { type Clock, stationId } from '@ampledger/kernel';
import type { Dial, Link } from '@ampledger/simulator';

export interface MemoryDialDeps {
  readonly ingress: Ingress;
  readonly clock: Clock;
  /** One way, milliseconds; drawn for each frame. */
  readonly latencyMs: () => number;
}

/** Runs tasks after a latency each, never one before the one before it. */
function channel({ clock, latencyMs }: MemoryDialDeps): (task: () => void) => void {
  let readyAt = 0;
  return (task) => {
    readyAt = Math.max(readyAt, clock.now() + latencyMs());
    clock.after(readyAt - clock.now(), task);
  };
}

export function memoryDial(deps: MemoryDialDeps): Dial {
  return ({ id, protocol }, handlers) => {
    const up = channel(deps);
    const down = channel(deps);
    let connection: Connection | null = null;
    let open = true;
    let silent = false;

    const endAtStation = (code: number, reason: string): void => {
      if (!open) return;
      open = false;
      handlers.onClose(code, reason);
    };
    const endAtEngine = (code: number, reason: string): void => connection?.onClosed(code, reason);

    const socket: StationSocket = {
      bufferedAmount: 0,
      send: (text) => down(() => open && !silent && handlers.onMessage(text)),
      close: (code, reason) => {
        down(() => silent || endAtStation(code, reason));
        up(() => endAtEngine(code, reason));
      },
      terminate: () => {
        down(() => silent || endAtStation(1006, ''));
        up(() => endAtEngine(1006, ''));
      },
      ping: () => down(() => open && !silent && up(() => connection?.onPong())),
      pause: () => undefined,
      resume: () => undefined,
    };

    up(() => {
      if (!open) return;
      void deps.ingress
        .connect({ station: stationId(id), protocol, remote: '127.0.0.1', socket })
        .then((answer) => {
          if (!answer.ok) return endAtStation(1008, answer.error.reason);
          connection = answer.value;
          if (open) handlers.onOpen();
          else endAtEngine(1006, '');
        });
    });

    const link: Link = {
      send: (text) => up(() => open && connection?.onMessage(text)),
      close: (code = 1000, reason = '') => {
        if (!open) return;
        open = false;
        if (!silent) up(() => endAtEngine(code, reason));
        handlers.onClose(code, reason);
      },
      goSilent: () => {
        silent = true;
      },
    };
    return link;
  };
}
