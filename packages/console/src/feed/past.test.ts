import type { SiteView } from '@ampledger/domain';
import { expect, test } from 'vitest';
import { aSite, NOON, onWire } from '../testing.js';
import { createApi } from './api.js';
import { loadHistory } from './past.js';

const MINUTE_MS = 60_000;

/** The minutes before NOON that a page asks for, where this is the first event of the last quarter of an hour. */
async function minutesAskedFor(
  first: { readonly type: string; readonly minutesAgo: number } | null,
): Promise<readonly number[]> {
  const asked: number[] = [];
  const answer = (address: URL): object => {
    if (address.pathname === '/api/v1/events') {
      expect(address.searchParams.get('direction')).toBe('forwards');
      expect(address.searchParams.get('from')).toBe(new Date(NOON - 15 * MINUTE_MS).toISOString());
      if (first === null) return { events: [], next: null };
      const receivedAt = new Date(NOON - first.minutesAgo * MINUTE_MS).toISOString();
      return { events: [{ position: 1, type: first.type, receivedAt, data: {} }], next: null };
    }
    const at = Date.parse(address.searchParams.get('at') ?? '');
    asked.push((NOON - at) / MINUTE_MS);
    return onWire(aSite({ at }));
  };
  const fetch = async (input: unknown): Promise<Response> => Response.json(answer(new URL(String(input))));
  const api = createApi({ baseUrl: 'http://engine/', fetch, token: () => null });
  const shown: SiteView[] = [];
  const { signal } = new AbortController();
  await loadHistory({ api, site: 'garage', signal, until: NOON }, (view) => shown.push(view));
  expect(shown).toHaveLength(asked.length);
  return asked;
}

const upTo = (minutes: number): readonly number[] => Array.from({ length: minutes }, (_, k) => k + 1);

test('the past is asked for no further back than the site was configured', async () => {
  expect(await minutesAskedFor({ type: 'SiteConfigured', minutesAgo: 3.5 })).toEqual(upTo(3));
  expect(await minutesAskedFor({ type: 'SiteConfigured', minutesAgo: 0.5 })).toEqual([]);
});

test('a site that was there before is asked for a quarter of an hour', async () => {
  expect(await minutesAskedFor({ type: 'MeterSampled', minutesAgo: 3.5 })).toEqual(upTo(15));
  expect(await minutesAskedFor(null)).toEqual(upTo(15));
});
