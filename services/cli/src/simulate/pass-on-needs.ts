// What drivers at OCPP 1.6 stations say, which has no message for it: passed on through the API, as an app would.

import { type Clock, connectorKey, type SiteId, stationId, type Timer } from '@ampledger/kernel';
import type { Fleet, StationEvent } from '@ampledger/simulator';
import { iso } from '../output.js';

/** The engine may hear of a session a moment after its station has. */
const TRIES = 5;
const RETRY_MS = 400;
const REQUEST_TIMEOUT_MS = 5_000;

type Said = Extract<StationEvent, { kind: 'needs-said' }>;

/** Returns how to stop. `onFailure` hears of what the API would not take in the end. */
export function passOnNeeds(
  fleet: Fleet,
  { site, apiUrl }: { readonly site: SiteId; readonly apiUrl: string },
  { clock, onFailure }: { readonly clock: Clock; readonly onFailure: (text: string) => void },
): { close(): void } {
  const timers = new Set<Timer>();
  const say = async (said: Said, tries: number): Promise<void> => {
    const key = connectorKey(stationId(said.station), said.evseId);
    const answer = await put(
      `${apiUrl}/api/v1/sites/${site}/connectors/${encodeURIComponent(key)}/needs`,
      said,
    );
    if (answer === 'taken') return;
    if (tries >= TRIES) return onFailure(`What the driver at ${key} wants was not taken: ${answer}`);
    const timer = clock.after(RETRY_MS, () => {
      timers.delete(timer);
      void say(said, tries + 1);
    });
    timers.add(timer);
  };
  const end = fleet.subscribe((event) => {
    if (event.kind === 'needs-said') void say(event, 1);
  });
  return {
    close() {
      end();
      for (const timer of timers) timer.cancel();
    },
  };
}

async function put(url: string, { energyWh, departAt }: Said): Promise<string> {
  const body = {
    ...(energyWh === null ? {} : { energyWh: Math.round(energyWh) }),
    ...(departAt === null ? {} : { departAt: iso(departAt) }),
    source: 'driver',
  };
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const headers = { 'content-type': 'application/json' };
    const { ok, status } = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body), signal });
    return ok ? 'taken' : `HTTP ${status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
