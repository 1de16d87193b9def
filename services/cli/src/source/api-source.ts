// A running engine's API as a source.

import type { EventWire, SiteWire } from '@ampledger/api';
import { CliError, EXIT } from '../exit.js';
import { iso } from '../output.js';
import { eventStream } from './event-stream.js';
import { linesOf } from './lines.js';
import type { EventQuery, Source } from './source.js';

export function openApiSource(url: string, token: string | undefined): Source {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    request(`${url}${path}`, { ...authorization, ...headers });
  return {
    async siteIds() {
      const answer = await get('/api/v1/sites');
      if (answer.status === 404) throw notTheApi(answer);
      const { sites } = await jsonOf<{ sites: readonly { id: string }[] }>(answer);
      return sites.map(({ id }) => id);
    },
    async site(id, at) {
      const moment = at === null ? '' : `?at=${encodeURIComponent(iso(at))}`;
      const answer = await get(`/api/v1/sites/${encodeURIComponent(id)}${moment}`);
      return answer.status === 404 ? undefined : await jsonOf<SiteWire>(answer);
    },
    async *events(query) {
      const answer = await get(`/api/v1/events?${queryText(query)}`, { accept: 'application/x-ndjson' });
      refuseStranger(answer);
      for await (const line of linesOf(answer)) yield JSON.parse(line) as EventWire;
    },
    follow: ({ site, after }) => {
      const path = `/api/v1/live${site === undefined ? '' : `?site=${encodeURIComponent(site)}`}`;
      return eventStream((lastId) => get(path, { 'last-event-id': String(lastId) }), after ?? 0);
    },
    close: async () => undefined,
  };
}

/** Answers other than 2xx and 404 end the command with what the API says of them. */
async function request(url: string, headers: Record<string, string>): Promise<Response> {
  const answer = await fetch(url, { headers }).catch((error: unknown) => {
    throw new CliError(
      EXIT.cannotStart,
      `Nothing answers at ${new URL(url).origin}: is the engine running there?`,
      error,
    );
  });
  if (answer.ok) return answer;
  refuseStranger(answer);
  if (answer.status === 404) return answer;
  const told: unknown = await answer.json().catch(() => undefined);
  const detail =
    typeof told === 'object' && told !== null && 'detail' in told ? String(told.detail) : answer.statusText;
  const hint = answer.status === 401 ? ' Give a token with --token or in AMPLEDGER_TOKEN.' : '';
  throw new CliError(
    answer.status < 500 ? EXIT.badInput : EXIT.cannotStart,
    `${answer.status}: ${detail}${hint}`,
  );
}

/** Only an engine's API answers in these types. */
const TYPES = ['application/json', 'application/problem+json', 'application/x-ndjson', 'text/event-stream'];

/** Throws where another program, or the stations' door, has the port. */
function refuseStranger({ headers, url }: Response): void {
  const [type = ''] = (headers.get('content-type') ?? '').split(';');
  if (TYPES.includes(type.trim())) return;
  throw notTheApi({ url });
}

const notTheApi = ({ url }: Pick<Response, 'url'>): CliError =>
  new CliError(
    EXIT.badInput,
    `What answers at ${url} is not an engine's API. Its address is in the engine's first lines, by default http://127.0.0.1:8220.`,
  );

function jsonOf<T>(answer: Response): Promise<T> {
  refuseStranger(answer);
  return answer.json() as Promise<T>;
}

function queryText({ site, station, type, from, to, after, limit, direction }: EventQuery): string {
  const query = new URLSearchParams({ direction });
  if (site !== undefined) query.set('site', site);
  if (station !== undefined) query.set('station', station);
  for (const one of type ?? []) query.append('type', one);
  if (from !== undefined) query.set('from', iso(from));
  if (to !== undefined) query.set('to', iso(to));
  if (after !== undefined) query.set('after', String(after));
  if (limit !== undefined) query.set('limit', String(limit));
  return query.toString();
}
