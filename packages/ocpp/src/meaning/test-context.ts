// A station with two EVSEs at a fixed moment, for tests.

import { hash } from 'node:crypto';
import type { Protocol } from '@ampledger/domain';
import { sessionId, stationId } from '@ampledger/kernel';
import type { OpenSession, StationContext, ValidCall } from '../contract.js';
import { formatCall } from '../frame.js';

export const NOW = Date.UTC(2024, 4, 1, 12);
export const AT = '2024-05-01T11:59:58Z';
export const STATION = stationId('cp-1');

export const openSession = (transaction: string, evseId: number, token = 'TAG'): OpenSession => ({
  session: sessionId(STATION, transaction),
  transaction,
  evseId,
  idToken: `#${token}`,
});

export const contextOf = (protocol: Protocol, change: Partial<StationContext> = {}): StationContext => ({
  station: STATION,
  protocol,
  receivedAt: NOW,
  connection: 'c1',
  evseIds: [1, 2],
  openSessions: [],
  pseudonym: (token) => `#${token}`,
  heartbeatIntervalS: 300,
  ...change,
});

/** A station's call, as if it came in a frame. */
export const callOf = (action: string, payload: unknown, id = 'm1'): ValidCall => ({
  id,
  action,
  payload,
  digest: hash('sha1', formatCall(id, action, payload)),
});
