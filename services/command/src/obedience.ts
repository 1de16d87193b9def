// Measured, not believed: a station that accepted a limit and draws more is found out by its meter.

import {
  type DomainEvent,
  exceeds,
  ledgerInput,
  mayHoldA,
  overdrawA,
  ownDrawA,
  type SiteState,
  topologyOf,
} from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';

const GOOD_SAMPLES = 3;

/** What the connector's newest reading says of its obedience, if that is news. */
export function obedience(state: SiteState, key: ConnectorKey): DomainEvent | null {
  const placed = topologyOf(state.config).byKey.get(key);
  if (!placed) return null;
  const input = ledgerInput(state, placed);
  const { meter, disobeys } = input.connector;
  if (meter === null) return null;
  if (disobeys !== null) {
    return disobeys.goodSamples >= GOOD_SAMPLES
      ? { type: 'ConnectorObeyedAgain', data: { connector: key } }
      : null;
  }
  const overA = overdrawA(input, meter.at);
  // Behind a delta legs carry less than the lines that the limit is for.
  const drawA = overA === null ? 0 : ownDrawA(input, overA);
  const heldA = mayHoldA(input, meter.at);
  if (!exceeds(drawA, heldA)) return null;
  return { type: 'ConnectorDisobeyed', data: { connector: key, drawA, heldA } };
}
