// One transaction as the station knows it, and what its meter says.

import type { ChargingState, Evse } from './evse.js';

export interface Session {
  readonly evse: Evse;
  readonly token: string;
  /** By the clock that is right, epoch milliseconds. */
  readonly startedAt: number;
  readonly meterStartWh: number;
  readonly remoteStartId: number | null;
  /** The transaction id on the wire; in OCPP 1.6 null until the central system has given one. */
  wireId: string | null;
  /** Number of the next OCPP 2.0.1 TransactionEvent. */
  seqNo: number;
  /** What the central system was told last. */
  state: ChargingState;
}

export type StopReason =
  | 'EVDisconnected'
  | 'Remote'
  | 'DeAuthorized'
  | 'Reboot'
  | 'PowerLoss'
  | 'UnlockCommand'
  | 'HardReset'
  | 'SoftReset';

export type SampleContext =
  | 'Sample.Periodic'
  | 'Sample.Clock'
  | 'Trigger'
  | 'Transaction.Begin'
  | 'Transaction.End';

/** A reading, in the station's own phase order. */
export interface Sample {
  readonly at: number;
  readonly context: SampleContext;
  readonly currentA: readonly number[];
  readonly powerW: number;
  readonly energyWh: number;
}

/** `factor`: what the meter makes of the truth. */
export function sampleOf(evse: Evse, at: number, context: SampleContext, factor = 1): Sample {
  const used = evse.phasesInUse.length;
  // What a DC outlet could say of currents is the car's, under a voltage of its own: it says its power.
  const wired = evse.isDc ? [] : evse.phases;
  return {
    at,
    context,
    currentA: wired.map((_, i) => (i < used ? evse.drawA * factor : 0)),
    powerW: evse.powerW * factor,
    energyWh: evse.energyWh * factor,
  };
}
