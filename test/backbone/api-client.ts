// The API as its users call it. An API that is being started again is asked again, up to a deadline.

import type { SiteWire } from '@ampledger/api';
import { until } from './until.js';

const CALL_MS_MAX = 20_000;

export interface ApiClient {
  readonly url: string;
  site(id: string): Promise<SiteWire>;
  /** Resolves when the cap is on record. */
  cap(site: string, limitA: number): Promise<void>;
  lift(site: string): Promise<void>;
  /** An operator's message to a station: the HTTP status, and what the body says. */
  call(station: string, action: string, payload: object): Promise<CallOutcome>;
}

export interface CallOutcome {
  readonly status: number;
  readonly body: { readonly call?: string; readonly result?: Readonly<Record<string, unknown>> };
}

const JSON_BODY = { 'content-type': 'application/json' };

export function apiClient(url: string): ApiClient {
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}/api/v1/${path}`, { ...init, signal: AbortSignal.timeout(CALL_MS_MAX) });
  const insist = (
    what: string,
    path: string,
    init: RequestInit,
    alsoFine: readonly number[] = [],
  ): Promise<Response> =>
    until(`${what} at ${url}`, async () => {
      const answer = await ask(path, init);
      if (answer.ok || alsoFine.includes(answer.status)) return answer;
      throw new Error(`${answer.status} ${await answer.text()}`);
    });
  return {
    url,
    site: async (id) => (await (await insist(`site ${id}`, `sites/${id}`, {})).json()) as SiteWire,
    async cap(site, limitA) {
      const body = JSON.stringify({ limitA });
      await insist('a cap', `sites/${site}/envelopes/operator`, { method: 'PUT', headers: JSON_BODY, body });
    },
    async lift(site) {
      // Lifted by an attempt whose answer was lost: there is none any more.
      await insist('lifting a cap', `sites/${site}/envelopes/operator`, { method: 'DELETE' }, [404]);
    },
    async call(station, action, payload) {
      const body = JSON.stringify({ action, payload, timeoutS: 15 });
      const answer = await ask(`stations/${station}/calls`, { method: 'POST', headers: JSON_BODY, body });
      return { status: answer.status, body: (await answer.json()) as CallOutcome['body'] };
    },
  };
}
