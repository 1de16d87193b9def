// What the API, the page and the command line show of a site. Instants are epoch milliseconds here;
// the API prints them as ISO 8601.

import type { ConnectorKey, NodeId, PerPhase, Phase, SessionId, SiteId, StationId } from '@ampledger/kernel';
import type { Binding, ConnectorStatus, EnvelopeData, Protocol } from './event-types.js';
import type { NeedSource } from './needs.js';
import type { Policy, SiteConfig } from './site-config.js';

/** One node of the tree. All currents are amperes on L1, L2, L3; behind a delta on the legs AB, BC, CA. */
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
  /**
   * The same in watts. No sum of the amperes: what may be on any of several phases is in each of theirs, and here once,
   * as the ledger counts it against limits of power.
   */
  readonly allocatedW: number;
  readonly offeredW: number;
  readonly drawnW: number;
  /** Lines that the site file or an envelope limits; empty where neither does. */
  readonly lines: readonly LineView[];
}

/**
 * The lines A, B, C behind a delta (`secondary`), or those of the primary side of a delta-wye transformer that feeds the
 * node; amperes of the line, with unmanaged load in all of them.
 */
export interface LineView {
  readonly side: 'secondary' | 'primary';
  /** The tightest of the site file and of envelopes. */
  readonly limitA: PerPhase;
  /** The most that may flow while stations hold what they may be holding, and cars draw anything below. */
  readonly offeredA: PerPhase;
  /** What flows by the meters. */
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
  /** What the optimizer gives it, amperes per phase; behind a delta, as all limits of a connector, of its lines. */
  readonly allocationA: number;
  /** What it may be holding, amperes per phase: the worst case. */
  readonly offerA: number;
  /** What it accepted last, null when nothing is known. */
  readonly acceptedA: number | null;
  readonly leaseEndsAt: number | null;
  /** What its meter says, on the grid's phases; null when it has said nothing lately. */
  readonly drawA: PerPhase | null;
  /** The same in amperes of its limit: the most on a phase, behind a delta on a line. */
  readonly ownDrawA: number | null;
  /** Watts to the car for one ampere of the limit of a DC connector; null for AC. */
  readonly carWattsPerA: number | null;
  /** Grid phases that its car uses, as its meter showed; null: not known. */
  readonly carPhases: readonly Phase[] | null;
  /** What its car wants; null without a session. */
  readonly needs: NeedsView | null;
  readonly because: Binding;
  /** `because` as a sentence. */
  readonly reason: string;
  readonly alarms: readonly ('disobeys' | 'not-commissioned' | 'offline' | 'meter-stale')[];
}

/** Said, assumed (`site`) or learned; null is not known. */
export interface NeedsView {
  /** Watt-hours still to come. */
  readonly energyWh: number | null;
  readonly energySource: NeedSource | null;
  readonly departAt: number | null;
  readonly departSource: NeedSource | null;
}

/** The plan that limits follow. */
export interface PlanView {
  readonly at: number;
  readonly from: number;
  readonly until: number;
  readonly status: 'optimal' | 'deadline';
  readonly sessions: number;
  /** What its cars will not have got by their departures, watt-hours. */
  readonly unservedWh: number;
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
  /** Behind a delta of the lines A, B, C. */
  readonly limitA: PerPhase | null;
  readonly limitW: number | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly state: 'announced' | 'active' | 'fallback' | 'over';
  /** What holds instead after `silenceS` seconds without a word of its source; null: nothing does. */
  readonly fallback: EnvelopeData['fallback'];
  readonly silenceS: number | null;
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
  /** `delta`: phases 0, 1, 2 are the legs AB, BC, CA. */
  readonly wiring: SiteConfig['wiring'];
  readonly policy: Policy;
  readonly plan: PlanView | null;
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
