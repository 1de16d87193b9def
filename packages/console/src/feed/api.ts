// The HTTP API, as far as the page uses it. Every answer is a value; a refusal is an `ApiError`
// whose message is what the API said.

import type { SiteView } from '@ampledger/domain';
import { isSitePlan, type SitePlan } from './plan.js';
import { type EventEntry, isSiteView, parseWire, readEvents, readSites, type SiteEntry } from './wire.js';

export class ApiError extends Error {
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** A cap as a person sets it: one figure in one unit, for all phases of a node. */
export interface CapRequest {
  readonly node: string;
  readonly unit: 'A' | 'kW';
  readonly value: number;
  /** Epoch milliseconds; null: until it is removed. */
  readonly to: number | null;
}

export interface EventChoice {
  readonly limit: number;
  /** Only these types. */
  readonly types?: readonly string[];
  /** Only events up to this instant. */
  readonly until?: number | undefined;
  /** Only events from this instant on, and oldest first. */
  readonly since?: number | undefined;
}

export interface Api {
  sites(): Promise<readonly SiteEntry[]>;
  /** The site now, or at a moment of the past. */
  site(id: string, at?: number): Promise<SiteView>;
  /** The plan in force; null: there is none. */
  plan(id: string): Promise<SitePlan | null>;
  /** Newest first, unless `since` is given. */
  events(id: string, which: EventChoice): Promise<readonly EventEntry[]>;
  setCap(id: string, cap: CapRequest): Promise<void>;
  removeCap(id: string, node: string): Promise<void>;
  /** The body of the live stream. `signal` ends it. */
  live(id: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

export interface ApiOptions {
  /** Where `api/v1/` is found, with a slash at the end. */
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  readonly token: () => string | null;
}

const ANSWER_WITHIN_MS = 15_000;

export function createApi(options: ApiOptions): Api {
  const call = (path: string, init: RequestInit = {}) => request(options, path, init);
  const json = async (path: string, init?: RequestInit) =>
    parseWire(await (await call(path, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), ...init })).text());
  return {
    sites: async () => readSites(await json('sites')),
    async site(id, at) {
      const view = await json(
        `sites/${encodeURIComponent(id)}${at === undefined ? '' : `?at=${new Date(at).toISOString()}`}`,
      );
      if (!isSiteView(view)) throw new ApiError(502, 'The answer is not the state of a site.');
      return view;
    },
    async plan(id) {
      try {
        const plan = await json(`sites/${encodeURIComponent(id)}/plan`);
        return isSitePlan(plan) ? plan : null;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    async events(id, { limit, types = [], until, since }) {
      const direction = since === undefined ? 'backwards' : 'forwards';
      const query = new URLSearchParams({ site: id, limit: String(limit), direction });
      if (since !== undefined) query.set('from', new Date(since).toISOString());
      for (const type of types) query.append('type', type);
      if (until !== undefined) query.set('to', new Date(until).toISOString());
      return readEvents(await json(`events?${query}`));
    },
    setCap: async (id, cap) => void (await call(operatorPath(id), capInit(cap))),
    removeCap: async (id, node) =>
      void (await call(`${operatorPath(id)}?${new URLSearchParams({ node })}`, {
        method: 'DELETE',
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      })),
    async live(id, signal) {
      const answer = await call(`live?${new URLSearchParams({ site: id })}`, {
        signal,
        headers: { accept: 'text/event-stream' },
      });
      if (answer.body === null) throw new ApiError(502, 'The live stream has no body.');
      return answer.body;
    },
  };
}

const operatorPath = (id: string): string => `sites/${encodeURIComponent(id)}/envelopes/operator`;

const capInit = (cap: CapRequest): RequestInit => ({
  method: 'PUT',
  signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    node: cap.node,
    ...(cap.unit === 'A' ? { limitA: cap.value } : { limitW: Math.round(cap.value * 1000) }),
    ...(cap.to === null ? {} : { to: new Date(cap.to).toISOString() }),
  }),
});

async function request(options: ApiOptions, path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  const token = options.token();
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  const answer = await options
    .fetch(new URL(`api/v1/${path}`, options.baseUrl), { ...init, headers, cache: 'no-store' })
    .catch((cause: unknown) => {
      throw new ApiError(
        0,
        cause instanceof Error && cause.name === 'TimeoutError'
          ? 'No answer in time.'
          : 'The engine cannot be reached.',
      );
    });
  if (!answer.ok) throw new ApiError(answer.status, await problemOf(answer));
  return answer;
}

/** The `detail` or `title` of an RFC 9457 answer, or the status where there is none. */
async function problemOf(answer: Response): Promise<string> {
  const fallback = `The engine answered ${answer.status} ${answer.statusText}.`.replace(' .', '.');
  try {
    const body: unknown = await answer.json();
    if (typeof body !== 'object' || body === null) return fallback;
    const { detail, title } = body as { detail?: unknown; title?: unknown };
    return (
      [detail, title].find((text): text is string => typeof text === 'string' && text !== '') ?? fallback
    );
  } catch {
    return fallback;
  }
}
