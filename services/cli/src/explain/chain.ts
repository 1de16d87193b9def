// The chain behind a connector's limit: from the allocation back to the frames that caused it.
// Everything is looked up in the log; nothing is worked out anew.

import type { EventWire, SiteWire } from '@ampledger/api';
import type { Allocation, EventData, EventType, Grant } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';
import { iso } from '../output.js';
import type { EventQuery, Source } from '../source/source.js';

/** An event that a station told, and the frame it told it in. */
export interface Told {
  readonly event: EventWire;
  readonly frame: string | null;
}

type Connector = SiteWire['connectors'][number];

export interface PlanFound {
  readonly event: EventWire;
  /** What it has for the connector now, amperes; null: nothing for this session. */
  readonly limitA: number | null;
  /** When it next has more than now. */
  readonly moreAt: string | null;
}

export interface Chain {
  readonly connector: string;
  readonly site: string;
  readonly at: string;
  /** The site's; all times of the chain are UTC. */
  readonly timeZone: string;
  /** What it may be holding, and what its meter said. */
  readonly offerA: number;
  readonly drawA: Connector['drawA'];
  /** The same in amperes of its limit. */
  readonly ownDrawA: Connector['ownDrawA'];
  /** `limit` is null before the first allocation. */
  readonly allocation: { readonly limitA: number; readonly reason: string; readonly event: EventWire } | null;
  /** The limit that binds, when one does: a node's rating or an envelope. */
  readonly binding: {
    readonly node: string;
    readonly phase: 0 | 1 | 2 | null;
    /** Set where it is a line of a transformer, or the difference between two phases. */
    readonly line: 'secondary' | 'primary' | 'unbalance' | null;
    readonly by: string;
    readonly capacity: number;
    /** Amperes that 1 A (or W) more there would give this connector, who shares the last one, and until when. */
    readonly gainA: number | null;
    /** Phases or lines that are full together: the ampere is one on each; null: on this one alone. */
    readonly together: readonly Phase[] | null;
    readonly sharers: number | null;
    readonly until: string | null;
    /** What may flow in the lines of the node's transformer at that moment. */
    readonly lines: SiteWire['nodes'][number]['lines'];
    readonly event: EventWire | null;
  } | null;
  readonly wiring: SiteWire['wiring'];
  /** Grid phases that it is wired to, and those that its car was seen to use; null: not known. */
  readonly phases: Connector['phases'];
  readonly carPhases: Connector['carPhases'];
  readonly needs: Connector['needs'];
  /** The plan, where it or its random delay is what keeps the connector from more. */
  readonly plan: PlanFound | null;
  readonly session: { readonly id: string; readonly started: Told | null } | null;
  readonly meter: Told | null;
  /** The newest profile for the connector: limit, end of its lease, and the station's answer. */
  readonly call: {
    readonly grant: Grant;
    readonly event: EventWire;
    readonly answer: EventWire | null;
  } | null;
}

interface Place {
  readonly source: Source;
  readonly site: SiteWire;
  readonly connector: Connector;
  readonly to: number;
}

/** undefined: no site has such a connector at that moment. */
export async function findChain(source: Source, key: string, at: number | null): Promise<Chain | undefined> {
  for (const id of await source.siteIds()) {
    const site = await source.site(id, at);
    const connector = site?.connectors.find((candidate) => candidate.key === key);
    if (site === undefined || connector === undefined) continue;
    return chainOf({ source, site, connector, to: Date.parse(site.at) });
  }
  return undefined;
}

async function chainOf(place: Place): Promise<Chain> {
  const { site, connector } = place;
  const allocation = await findAllocation(place);
  return {
    connector: connector.key,
    site: site.id,
    at: site.at,
    timeZone: site.timeZone,
    offerA: connector.offerA,
    drawA: connector.drawA,
    ownDrawA: connector.ownDrawA,
    allocation: allocation && {
      limitA: allocation.limitA,
      reason: connector.reason,
      event: allocation.event,
    },
    binding: allocation && (await findBinding(place, allocation)),
    wiring: site.wiring,
    phases: connector.phases,
    carPhases: connector.carPhases,
    needs: connector.needs,
    plan: allocation && (await findPlan(place, allocation)),
    session: await findSession(place),
    meter: await told(place, await newest(place, 'MeterSampled', (data) => data.evseId === connector.evseId)),
    call: await findCall(place),
  };
}

type Found = Allocation & { readonly event: EventWire };

async function findAllocation(place: Place): Promise<Found | null> {
  const of = (data: EventWire['data']): Allocation | undefined =>
    (data.allocations as readonly Allocation[]).find((one) => one.connector === place.connector.key);
  const event = await newest(place, 'LimitsAllocated', (data) => of(data) !== undefined, { ofSite: true });
  const allocation = event && of(event.data);
  return event === undefined || allocation === undefined ? null : { ...allocation, event };
}

/** Whose limit it is, as it stood in what the allocation knew of. */
async function findBinding(place: Place, { because, event }: Found): Promise<Chain['binding']> {
  if (because.kind === 'bound') return null;
  const { node, phase, line, envelope, capacity, gainA, together, sharers, until } = because;
  const before = { ofSite: true, after: event.position };
  const cause =
    envelope === 'rating'
      ? await newest(place, 'SiteConfigured', () => true, before)
      : await newest(place, 'EnvelopeSet', (data) => data.source === envelope && data.node === node, before);
  return {
    node,
    phase,
    line: line ?? null,
    by: envelope,
    capacity,
    gainA,
    together: together ?? null,
    sharers,
    until: until === null ? null : iso(until),
    lines: place.site.nodes.find(({ id }) => id === node)?.lines ?? [],
    event: cause ?? null,
  };
}

/** The newest plan that the allocation knew of. */
async function findPlan(place: Place, { because, event }: Found): Promise<PlanFound | null> {
  if (because.kind !== 'bound' || (because.bound !== 'plan' && because.bound !== 'delay')) return null;
  const made = await newest(place, 'PlanMade', () => true, { ofSite: true, after: event.position });
  if (made === undefined) return null;
  const plan = made.data as EventData<'PlanMade'>;
  const session = place.connector.session?.id;
  const entry = plan.sessions.find((one) => one.connector === place.connector.key && one.session === session);
  const periodMs = plan.periodS * 1000;
  const now = Math.floor((place.to - plan.from) / periodMs);
  const limitA = entry?.limitA[now - entry.first] ?? (entry === undefined ? null : 0);
  const more = entry?.limitA.findIndex((one, i) => i + entry.first > now && one > (limitA ?? 0)) ?? -1;
  const moreAt = more < 0 ? null : iso(plan.from + (more + (entry?.first ?? 0)) * periodMs);
  return { event: made, limitA, moreAt };
}

async function findSession(place: Place): Promise<Chain['session']> {
  const id = place.connector.session?.id;
  if (id === undefined) return null;
  return {
    id,
    started: await told(place, await newest(place, 'SessionStarted', (data) => data.session === id)),
  };
}

/** The events of one message stand close together, and the first of them has the frame. */
const SAME_MESSAGE_EVENTS_MAX = 200;

async function told(place: Place, event: EventWire | undefined): Promise<Told | null> {
  if (event === undefined) return null;
  if (event.frame !== null || event.causationId === null) return { event, frame: event.frame };
  const before: EventQuery = {
    direction: 'backwards',
    site: place.site.id,
    after: event.position,
    limit: SAME_MESSAGE_EVENTS_MAX,
  };
  for await (const earlier of place.source.events(before)) {
    if (earlier.id === event.causationId) return { event, frame: earlier.frame };
  }
  return { event, frame: null };
}

async function findCall(place: Place): Promise<Chain['call']> {
  const of = (data: EventWire['data']): Grant | undefined =>
    (data.grants as readonly Grant[]).find((grant) => grant.connector === place.connector.key);
  const event = await newest(place, 'CallRequested', (data) => of(data) !== undefined);
  const grant = event && of(event.data);
  if (event === undefined || grant === undefined) return null;
  const { call } = event.data;
  const answers = {
    ...queryFor(place, 'CallAnswered'),
    direction: 'forwards' as const,
    after: event.position,
  };
  for await (const answer of place.source.events(answers)) {
    if (answer.data.call === call) return { grant, event, answer };
  }
  return { grant, event, answer: null };
}

interface Within {
  /** The event is about the whole site, not about the connector's station. */
  readonly ofSite?: boolean;
  /** Backwards: only before this position. */
  readonly after?: number;
}

/** The newest event of a type that was known at the moment asked about. */
async function newest(
  place: Place,
  type: EventType,
  accepts: (data: EventWire['data']) => boolean,
  within: Within = {},
): Promise<EventWire | undefined> {
  for await (const event of place.source.events(queryFor(place, type, within))) {
    if (accepts(event.data)) return event;
  }
  return undefined;
}

const queryFor = (
  { site, connector, to }: Place,
  type: EventType,
  { ofSite, after }: Within = {},
): EventQuery => ({
  direction: 'backwards',
  site: site.id,
  type: [type],
  to,
  ...(ofSite ? {} : { station: connector.station }),
  ...(after === undefined ? {} : { after }),
});
