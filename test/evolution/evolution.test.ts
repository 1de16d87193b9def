// Events are for ever. Each file here is a log that a release wrote, of a depot of four stations on a
// virtual clock and of events by hand where a day there has none; `v1.ndjson` is of the first release. What they
// hold never changes. Whoever raises a version in EVENT_VERSIONS adds a file with events of that version, of
// real code, and its name below.
//
// The state that each folds to stands beside it. It changes with the fold, where FOLD_VERSION does: look at
// the difference, then `npx vitest run test/evolution -u`.

import { readFileSync } from 'node:fs';
import {
  EVENT_SCHEMAS,
  EVENT_VERSIONS,
  FOLD_VERSION,
  isEventType,
  serializeState,
  upcast,
} from '@ampledger/domain';
import type { NewEvent, RecordedEvent } from '@ampledger/ports';
import { emptyFold, type Fold, foldEvent } from '@ampledger/projection';
import { describe, expect, it } from 'vitest';

const LOGS = ['v1', 'v2', 'v3', 'v4'];

const linesOf = (name: string): readonly NewEvent[] =>
  readFileSync(new URL(`${name}.ndjson`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as NewEvent);

function folded(events: readonly NewEvent[]): Fold {
  const fold = emptyFold();
  for (const [i, event] of events.entries()) {
    const recorded: RecordedEvent = { ...event, position: i + 1, revision: 0 };
    foldEvent(fold, recorded);
  }
  return fold;
}

describe.each(LOGS)('the log %s', (name) => {
  const events = linesOf(name);

  it('has events that are brought up to date, and are then what their type asks for', () => {
    for (const [i, event] of events.entries()) {
      const current = upcast(event);
      const line = `line ${i + 1}, ${event.type} of version ${event.version}`;
      if (current.kind !== 'current' || !isEventType(event.type)) throw new Error(`${line}: ${current.kind}`);
      const checked = EVENT_SCHEMAS[event.type].safeParse(current.data);
      expect(checked.error, line).toBeUndefined();
      // Nothing is left out either.
      expect(checked.data, line).toEqual(current.data);
    }
  });

  it('folds to the state that it did', async () => {
    const fold = folded(events);
    const sites = [...fold.sites].map(([site, state]) => [site, serializeState(state)] as const);
    const text = `${JSON.stringify({ foldVersion: FOLD_VERSION, sites: Object.fromEntries(sites) }, null, 1)}\n`;
    await expect(text).toMatchFileSnapshot(`${name}.state.generated.json`);
  });
});

it('has every version of every event that there ever was', () => {
  const kept = new Set(LOGS.flatMap(linesOf).map(({ type, version }) => `${type} ${version}`));
  const written = Object.entries(EVENT_VERSIONS).flatMap(([type, current]) =>
    Array.from({ length: current }, (_, i) => `${type} ${i + 1}`),
  );
  expect(written.filter((one) => !kept.has(one))).toEqual([]);
});
