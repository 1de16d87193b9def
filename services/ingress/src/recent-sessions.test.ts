import type { DomainEvent } from '@ampledger/domain';
import { sessionId, stationId, VirtualClock } from '@ampledger/kernel';
import { expect, it } from 'vitest';
import { RecentSessions } from './recent-sessions.js';

const station = stationId('CP-1');
const session = sessionId(station, '7');
const open = { session, transaction: '7', evseId: 1, idToken: null };
const started: DomainEvent = { type: 'SessionStarted', data: { station, ...open, meterStartWh: 0 } };
const ended: DomainEvent = {
  type: 'SessionEnded',
  data: { station, evseId: 1, session, transaction: '7', meterStopWh: 1, reason: null },
};
const other = { ...open, session: sessionId(station, '8'), transaction: '8' };

it('shows a session that the fold has not seen yet', () => {
  const recent = new RecentSessions(new VirtualClock(0));
  expect(recent.over([other])).toEqual([other]);
  recent.note(started);
  expect(recent.over([other])).toEqual([other, open]);
  expect(recent.over([open, other])).toEqual([open, other]);
});

it('hides one whose end the fold has not seen yet, also when its start is repeated', () => {
  const recent = new RecentSessions(new VirtualClock(0));
  recent.note(started);
  recent.note(ended);
  recent.note(started);
  expect(recent.over([open, other])).toEqual([other]);
});

it('trusts the fold after a minute', async () => {
  const clock = new VirtualClock(0);
  const recent = new RecentSessions(clock);
  recent.note(started);
  await clock.advance(60_000);
  expect(recent.over([])).toEqual([]);
});
