// Old events stay as they were written; they are brought up to date as they are read. To change a
// type's schema: raise its number in EVENT_VERSIONS and add, for the version before, a function
// from its data to the next version's.

import type { Phase } from '@ampledger/kernel';
import { EVENT_SCHEMAS, EVENT_VERSIONS, type EventType } from './event-types.js';
import { DEFAULT_CONNECTOR, DEFAULT_NODE, DEFAULT_SITE, wiredTo } from './site-config.js';

type Upcaster = (data: object) => object;

/** Version 1 named its state by a position in its own log, which says nothing anywhere else. */
const withoutBasis: Upcaster = (data) => ({ ...data, basis: -1, epoch: 0 });

/** Version 1 knew neither transformers, DC, steps, policies nor plans; its sites were shared out evenly. */
const wholeModel: Upcaster = (data) => {
  const { site, ...rest } = data as { site: V1Site };
  return {
    ...rest,
    site: {
      ...DEFAULT_SITE,
      policy: 'fair',
      needs: { ...DEFAULT_SITE.needs, learn: false },
      ...site,
      nodes: site.nodes.map((node) => ({ ...DEFAULT_NODE, ...node })),
      stations: site.stations.map((station) => ({
        ...station,
        connectors: station.connectors.map((connector) => ({
          ...DEFAULT_CONNECTOR,
          wiredPhases: wiredTo(connector.phases),
          ...connector,
        })),
      })),
    },
  };
};
interface V1Site {
  readonly nodes: readonly object[];
  readonly stations: readonly { readonly connectors: readonly { readonly phases: readonly Phase[] }[] }[];
}

/** Version 2 did not say what more room would give. */
const withoutGain: Upcaster = (data) => ({
  ...data,
  allocations: (data as { allocations: readonly V2Allocation[] }).allocations.map((allocation) => ({
    ...allocation,
    fairA: null,
    because:
      allocation.because.kind === 'bound'
        ? allocation.because
        : { ...allocation.because, gainA: null, sharers: null, until: null },
  })),
});
interface V2Allocation {
  readonly because: { readonly kind: string };
}

/** Version 1 did not say what the plan took for granted. */
const withoutOutlook: Upcaster = (data) => {
  const { sessions, expected, battery, ...rest } = data as V1Plan;
  return {
    ...rest,
    sessions: sessions.map((session) => ({ ...session, wholeA: null, assumed: null })),
    expected: expected.map((group) => ({ ...group, wattsPerA: null })),
    battery: battery === null ? null : { ...battery, measuredAt: null },
    outlook: null,
  };
};
interface V1Plan {
  readonly sessions: readonly object[];
  readonly expected: readonly object[];
  readonly battery: object | null;
}

/** type → version → data of the next version. */
const UPCASTERS: { readonly [type: string]: { readonly [version: number]: Upcaster } } = {
  SiteConfigured: { 1: wholeModel },
  LimitsAllocated: { 1: withoutBasis, 2: withoutGain },
  CallRequested: { 1: withoutBasis },
  PlanMade: { 1: withoutOutlook },
};

export type Upcast =
  | { readonly kind: 'current'; readonly data: object }
  /** Written by a later release than this one: cannot be folded. */
  | { readonly kind: 'too-new' }
  | { readonly kind: 'unknown-type' };

export const isEventType = (type: string): type is EventType => Object.hasOwn(EVENT_SCHEMAS, type);

export function upcast(
  event: { readonly type: string; readonly version: number; readonly data: object },
  upcasters: typeof UPCASTERS = UPCASTERS,
): Upcast {
  if (!isEventType(event.type)) return { kind: 'unknown-type' };
  const current = EVENT_VERSIONS[event.type];
  if (event.version > current) return { kind: 'too-new' };
  let data = event.data;
  for (let version = event.version; version < current; version++) {
    const step = upcasters[event.type]?.[version];
    if (step === undefined) return { kind: 'unknown-type' };
    data = step(data);
  }
  return { kind: 'current', data };
}
