// What happens in a simulation from outside, in order of time: at one moment, who leaves makes room
// before anybody comes.

import type { EnvelopeData, SiteConfig } from '@ampledger/domain';
import type { RecordedChange, RecordedNeeds, RecordedSession, Recording, RulesFrom } from './recording.js';

export type Happening =
  | RecordedChange
  | ({ readonly at: number } & (
      | { readonly kind: 'rules'; readonly config: SiteConfig }
      | { readonly kind: 'arrival' | 'departure'; readonly session: RecordedSession }
      | { readonly kind: 'needs'; readonly session: RecordedSession; readonly needs: RecordedNeeds }
    ));

/** What was recorded of one moment stays in its order. */
const ORDER: { readonly [K in Happening['kind']]: number } = {
  departure: 0,
  rules: 1,
  envelope: 2,
  'envelope-removed': 2,
  load: 2,
  signal: 2,
  'signal-removed': 2,
  arrival: 3,
  needs: 4,
};

/** The first rules hold from the beginning and are not among them. */
export function timelineOf(
  { from, sessions, changes }: Recording,
  rules: readonly RulesFrom[],
  envelopes: readonly EnvelopeData[],
): readonly Happening[] {
  const happenings: Happening[] = [
    ...rules.slice(1).map(({ from: at, config }) => ({ at, kind: 'rules' as const, config })),
    ...changes,
    ...envelopes.map((envelope) => ({ at: from, kind: 'envelope' as const, envelope })),
  ];
  for (const session of sessions) {
    happenings.push(
      { at: session.arriveAt, kind: 'arrival', session },
      { at: session.leaveAt, kind: 'departure', session },
    );
    for (const needs of session.needs) happenings.push({ at: needs.at, kind: 'needs', session, needs });
  }
  return happenings.sort((a, b) => a.at - b.at || ORDER[a.kind] - ORDER[b.kind]);
}
