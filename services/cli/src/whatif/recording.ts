// What a log says of a site for a span of time, as plain data: who came and went, what they took and
// could have taken, and everything that limited them. It is what a simulation under other rules starts from.

import type { Capabilities, EnvelopeData, SignalData, SiteConfig, SiteState } from '@ampledger/domain';
import type { ConnectorKey, NodeId, PerPhase, SessionId, SiteId, StationId } from '@ampledger/kernel';

/** Instants are epoch milliseconds, currents amperes, energies watt-hours on the car's side of the connector. */
export interface Recording {
  readonly site: SiteId;
  /** The span; sessions that reach beyond it are cut to it. */
  readonly from: number;
  readonly to: number;
  /** The site file over time; the first holds from the beginning. */
  readonly rules: readonly RulesFrom[];
  /** Stations that ever connected. */
  readonly stations: readonly RecordedStation[];
  /** What the engine had learned of the site when the span began. */
  readonly habits: SiteState['habits'];
  /** In the order of their arrival. */
  readonly sessions: readonly RecordedSession[];
  /** In the order of time. */
  readonly changes: readonly RecordedChange[];
  /** Versions of the engine that decided; none where it is not in the log. */
  readonly releases: readonly string[];
}

export interface RulesFrom {
  readonly from: number;
  readonly config: SiteConfig;
}

export interface RecordedStation {
  readonly station: StationId;
  readonly capabilities: Capabilities | null;
}

/**
 * How well we know what a car wanted. `said`: by its driver or the car itself. `full`: it stopped of its own
 * accord. `at-least`: it was charging, or waiting to, when it left; it wanted no less than this.
 */
export type WantKnown = 'said' | 'full' | 'at-least';

export interface RecordedSession {
  readonly session: SessionId;
  readonly transaction: string;
  readonly idToken: string | null;
  readonly connector: ConnectorKey;
  /** Within the span. */
  readonly arriveAt: number;
  readonly leaveAt: number;
  readonly takenWh: number;
  readonly wantWh: number;
  readonly wantKnown: WantKnown;
  /** The most that it can take; null: it was always limited, so that only the connector's own maximum is known. */
  readonly carMaxA: number | null;
  /** Of the station's own phases, 0 to 2, those that it was seen to use; null: it drew nothing. */
  readonly ownPhases: readonly number[] | null;
  readonly needs: readonly RecordedNeeds[];
}

/** As it was said; energy counts from the arrival (or the beginning of the span). */
export interface RecordedNeeds {
  readonly at: number;
  readonly totalWh: number | null;
  readonly departAt: number | null;
  readonly minA: number | null;
  readonly maxA: number | null;
  readonly source: 'driver' | 'iso15118' | 'api';
}

export type RecordedChange = { readonly at: number } & (
  | { readonly kind: 'envelope'; readonly envelope: EnvelopeData }
  | { readonly kind: 'envelope-removed'; readonly source: string; readonly node: NodeId }
  /** Mean of the unmanaged load from here on; null: its meter is silent. */
  | { readonly kind: 'load'; readonly node: NodeId; readonly loadA: PerPhase | null }
  | { readonly kind: 'signal'; readonly signal: SignalData }
  | { readonly kind: 'signal-removed'; readonly source: string; readonly signal: SignalData['signal'] }
);
