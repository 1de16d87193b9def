// How a fleet is doing: one line written over on a terminal, a line now and then elsewhere.

import type { Clock, Timer } from '@ampledger/kernel';
import type { Fleet } from '@ampledger/simulator';
import { amperes } from '../output.js';

const ON_TERMINAL_MS = 1_000;
const ELSEWHERE_MS = 10_000;

export function startStatusLine(fleet: Fleet, clock: Clock, stream: NodeJS.WriteStream): { close(): void } {
  const everyMs = stream.isTTY ? ON_TERMINAL_MS : ELSEWHERE_MS;
  let timer: Timer;
  const show = (): void => {
    stream.write(stream.isTTY ? `\r${statusOf(fleet)}\u001b[K` : `${statusOf(fleet)}\n`);
    timer = clock.after(everyMs, show);
  };
  timer = clock.after(everyMs, show);
  return {
    close() {
      timer.cancel();
      stream.write(stream.isTTY ? '\n' : '');
    },
  };
}

function statusOf(fleet: Fleet): string {
  const outlets = fleet.stations.flatMap((station) =>
    station.evseIds.map((evseId) => station.outlet(evseId)),
  );
  const connected = fleet.stations.filter((station) => station.connected).length;
  const cars = outlets.filter(({ car }) => car !== null).length;
  const charging = outlets.filter((outlet) => outlet.charging === 'Charging').length;
  return `${connected} of ${fleet.stations.length} connected, ${cars} cars, ${charging} charging, ${amperes(fleet.drawA())} A`;
}
