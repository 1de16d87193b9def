// Somebody who caps the site now and then, as a utility would: through the API, for a while.

import type { SiteConfig } from '@ampledger/domain';
import type { Clock, Timer } from '@ampledger/kernel';
import type { Log } from '../log.js';
import { iso, round } from '../output.js';

export interface DemoCaps {
  close(): void;
}

const FIRST_AFTER_MS = 25_000;
const EVERY_MS = 180_000;
const FOR_MS = 60_000;
const SHARE = 0.6;

export function startDemoCaps(
  site: SiteConfig,
  apiUrl: string,
  { clock, log }: { clock: Clock; log: Log },
): DemoCaps {
  const limitA = site.nodes[0]?.limitA?.map((value) => Math.round(value * SHARE));
  if (limitA === undefined) return { close: () => undefined };
  const amount = round(Math.min(...limitA));
  let timer: Timer;
  const cap = async (): Promise<void> => {
    timer = clock.after(EVERY_MS, () => void cap());
    const to = iso(clock.now() + FOR_MS);
    const answer = await put(`${apiUrl}/api/v1/sites/${site.id}/envelopes/utility`, { limitA, to }).catch(
      () => undefined,
    );
    if (answer?.ok)
      log.info(
        {},
        `The utility caps the site to ${amount} A, ${SHARE * 100} % of its limit, for ${FOR_MS / 1000} s`,
      );
    else log.warn({}, 'The utility could not cap the site');
  };
  timer = clock.after(FIRST_AFTER_MS, () => void cap());
  return { close: () => timer.cancel() };
}

const put = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
