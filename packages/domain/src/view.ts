// What the API, the page and the command line show of a site. Instants are epoch milliseconds here;
// the API prints them as ISO 8601.

import type { ConnectorKey, NodeId, PerPhase, Phase, SessionId, SiteId, StationId } from '@ampledger/kernel';
import type { Binding, ConnectorStatus, Protocol } from './event-types.js';

/** One node of the tree. All currents are amperes on L1, L2, L3. */
export interface NodeView {
  readonly id: NodeId;
  readonly name: string | null;
  readonly parent: NodeId | null;
  /** The tightest limit that holds now, null on a node limited by power alone. */
  readonly limitA: PerPhase | null;
  readonly limitW: number | null;
  /** Whose limit that is: `rating`, or the envelope's source. */
  readonly limitBy: string;
  /** The limits in the site file, whatever envelopes say; null is none. */
  readonly ratingA: PerPhase | null;
  readonly ratingW: number | null;
  readonly reserveA: number;
  readonly unmanagedA: PerPhase;
  /** True when the unmanaged meter is silent and its full load is assumed. */
  readonly unmanagedStale: boolean;
  /** Sum of what the optimizer gave the connectors below. */
  readonly allocatedA: PerPhase;
  /** Sum of what the stations below may be holding: never more than limit less unmanaged load. */
  readonly offeredA: PerPhase;
  /** Sum of what the meters below say. */
  readonly drawnA: PerPhase;
}

export interface ConnectorView {
  readonly key: ConnectorKey;
  readonly station: StationId;
  readonly evseId: number;
  readonly node: NodeId;
  readonly phases: readonly Phase[];
  readonly minA: number;
  readonly maxA: number;
  readonly priority: number;
  readonly online: boolean;
  readonly status: ConnectorStatus | null;
  readonly session: SessionView | null;
  /** What the optimizer gives it, amperes per phase. */
  readonly allocationA: number;
  /** What it may be holding, amperes per phase: the worst case. */
  readonly offerA: number;
  /** What it accepted last, null when nothing is known. */
  readonly acceptedA: number | null;
  readonly leaseEndsAt: number | null;
  /** What its meter says, on the grid's phases; null when it has said nothing lately. */
  readonly drawA: PerPhase | null;
  readonly because: Binding;
  /** `because` as a sentence. */
  readonly reason: string;
  readonly alarms: readonly ('disobeys' | 'not-commissioned' | 'offline' | 'meter-stale')[];
}

export interface SessionView {
  readonly id: SessionId;
  readonly transaction: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly energyWh: number;
  readonly idToken: string | null;
}

export interface EnvelopeView {
  readonly source: string;
  readonly node: NodeId;
  readonly limitA: PerPhase | null;
  readonly limitW: number | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly state: 'announced' | 'active' | 'fallback' | 'over';
}

export interface StationView {
  readonly id: StationId;
  readonly site: SiteId;
  readonly node: NodeId;
  readonly online: boolean;
  readonly everConnected: boolean;
  readonly commissioned: boolean;
  readonly protocol: Protocol | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly rateUnits: readonly ('A' | 'W')[] | null;
  readonly connectedAt: number | null;
  readonly lastHeardAt: number | null;
  readonly callsInFlight: number;
  readonly connectors: readonly ConnectorKey[];
}

export interface SiteView {
  readonly id: SiteId;
  readonly name: string | null;
  readonly timeZone: string;
  readonly voltageV: number;
  /** The moment this view is for, and the last event it knows of. */
  readonly at: number;
  readonly position: number;
  readonly nodes: readonly NodeView[];
  readonly stations: readonly StationView[];
  readonly connectors: readonly ConnectorView[];
  readonly envelopes: readonly EnvelopeView[];
  /** Sessions that ended lately, newest first, at most 50. */
  readonly recentSessions: readonly (SessionView & { readonly connector: ConnectorKey })[];
}
