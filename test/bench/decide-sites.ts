// A site in the middle of its day, for the benchmark of whole decisions: generated, the same for the same seed;
// and what happens on it: meter readings, cars that come and go, limits that change.

import type { DomainEvent, EventData, SiteState } from '@ampledger/domain';
import {
  answered,
  at,
  commissioned,
  configured,
  disconnected,
  ended,
  given,
  metered,
  needsNotified,
  requested,
  SITE,
  session,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { connectorKey, nodeId, type PerPhase, type Phase, stationId } from '@ampledger/kernel';
import type { Policy } from '../../optimizer/src/policy/index.js';
import { generator } from './solve-trees.js';

export interface DecideShape {
  readonly name: string;
  readonly connectors: number;
  /** Nodes below each node, level by level. */
  readonly fanout: readonly number[];
}

export const DECIDE_SHAPES: readonly DecideShape[] = [
  { name: '60 / 7', connectors: 60, fanout: [6] },
  { name: '1,000 / 111', connectors: 1_000, fanout: [10, 10] },
  { name: '10,000 / 1,051', connectors: 10_000, fanout: [50, 20] },
];

/** A car, as only the generator knows it. */
interface Car {
  readonly phases: readonly Phase[];
  readonly mostA: number;
  transaction: string | null;
  energyWh: number;
}

export interface Site {
  state: SiteState;
  readonly cars: readonly Car[];
  readonly nodes: readonly { readonly id: string; readonly limitA: number }[];
  readonly random: () => number;
  /** Seconds after the beginning. */
  nowS: number;
  /** Counts sessions and calls. */
  count: number;
}

const RATED_A = 32;
/** Of what could flow below, with how much room each level is rated: the root is scarce, some of the others are. */
const ROOT_PART = 0.3;
const partOf = (random: () => number): number => 0.35 + 0.5 * random();
/** Who has no needs that are known, is offline, or has no car. */
const UNKNOWN = 0.4;
const OFFLINE = 0.03;
const EMPTY = 0.1;

const stationName = (i: number): string => `S${i}`;
const ROTATIONS: readonly (readonly Phase[])[] = [
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
];
const rotated = (i: number): readonly Phase[] => ROTATIONS[i % 3] ?? [];

/** The site an hour after its cars came; what is met is known by three readings of each. */
export function generateSite(shape: DecideShape, policy: Policy, seed: number): Site {
  const random = generator(seed);
  const { config, nodes } = configOf(shape, policy, random);
  const cars = Array.from({ length: shape.connectors }, (_, i): Car => {
    const wired = rotated(i);
    const one = random() < 1 / 3;
    return {
      phases: one ? wired.slice(0, 1) : wired,
      mostA: random() < 0.5 ? RATED_A : 10 + Math.round(20 * random()),
      transaction: null,
      energyWh: 0,
    };
  });
  const site: Site = {
    state: given([[0, configured(config)]]),
    ...{ cars, nodes, random, nowS: 0, count: 0 },
  };
  const arrivals = cars.flatMap((_, i): readonly Told[] => [
    ...commissioned(stationName(i)),
    ...(random() < EMPTY ? [] : arrival(site, i)),
    ...(random() < OFFLINE ? [[1, disconnected(stationName(i))] as const] : []),
  ]);
  const readings = [40, 75, 110].flatMap((s) =>
    cars.flatMap((car, i): readonly Told[] =>
      car.transaction === null ? [] : [[s, metered(stationName(i), draw(car, 6))]],
    ),
  );
  site.state = given([...arrivals, ...readings], site.state);
  site.nowS = 120;
  return site;
}

function configOf({ connectors, fanout }: DecideShape, policy: Policy, random: () => number) {
  const nodes: { id: string; parent?: string; limitA: number; below: number }[] = [
    { id: 'grid', limitA: 0, below: connectors },
  ];
  let level = [...nodes];
  for (const children of fanout) {
    level = level.flatMap((above) =>
      Array.from({ length: children }, (_, c) => ({
        id: `${above.id}-${c}`,
        parent: above.id,
        limitA: 0,
        below: above.below / children,
      })),
    );
    nodes.push(...level);
  }
  for (const node of nodes) {
    const part = node.parent === undefined ? ROOT_PART : partOf(random);
    node.limitA = Math.ceil(part * node.below * RATED_A);
  }
  const stations = Array.from({ length: connectors }, (_, i) => ({
    id: stationName(i),
    node: level[Math.floor((i * level.length) / connectors)]?.id ?? 'grid',
    connectors: [{ phases: rotated(i), weight: random() < 0.1 ? 2 : 1 }],
  }));
  return {
    config: siteOf({ nodes: nodes.map(({ below: _, ...node }) => node), stations, site: { policy } }),
    nodes,
  };
}

function arrival(site: Site, i: number): readonly Told[] {
  const { random, nowS } = site;
  const car = site.cars[i];
  if (car === undefined) return [];
  car.transaction = `t${site.count++}`;
  car.energyWh = 0;
  const begins: Told = [nowS, started(stationName(i), car.transaction)];
  if (random() < UNKNOWN) return [begins];
  const needs = needsNotified(stationName(i), {
    energyWh: Math.round(3_000 + 40_000 * random()),
    departAt: at(Math.round(nowS + 1_800 + 32_000 * random())),
  });
  return [begins, [nowS, needs]];
}

/** In the order of the station's own phases: a car on one phase is on the first of them. */
const draw = ({ phases }: Car, amperes: number): PerPhase =>
  phases.length === 1 ? [amperes, 0, 0] : [amperes, amperes, amperes];

export type ChangeKind = 'reading' | 'car' | 'limit';

/** How often each comes, of a hundred. */
const OFTEN: readonly (readonly [ChangeKind, number])[] = [
  ['reading', 90],
  ['car', 97],
  ['limit', 100],
];

/** What happens next. Each connector reports once in a minute. */
export function nextChange(site: Site): { readonly kind: ChangeKind; readonly events: readonly Told[] } {
  const { random, cars } = site;
  site.nowS += 60 / cars.length;
  const turn = 100 * random();
  const kind = OFTEN.find(([, until]) => turn < until)?.[0] ?? 'reading';
  if (kind === 'limit') return { kind, events: limit(site) };
  const empty = cars.filter(({ transaction }) => transaction === null).length;
  const comes = kind === 'car' && empty > EMPTY * cars.length;
  // Anybody who can.
  let i = Math.floor(random() * cars.length);
  while ((cars[i]?.transaction === null) !== comes) i = (i + 1) % cars.length;
  return {
    kind,
    events: kind === 'reading' ? reading(site, i) : comes ? arrival(site, i) : departure(site, i),
  };
}

function reading(site: Site, i: number): readonly Told[] {
  const car = site.cars[i];
  const limitA = site.state.connectors.get(keyOf(i))?.ledger.session?.grant.limitA ?? 0;
  if (car === undefined || car.transaction === null) return [];
  const amperes = Math.min(limitA, car.mostA);
  car.energyWh += (230 * amperes * car.phases.length) / 60;
  const event = metered(stationName(i), draw(car, amperes)) as Extract<DomainEvent, { type: 'MeterSampled' }>;
  const data: EventData<'MeterSampled'> = {
    ...event.data,
    energyWh: Math.round(car.energyWh),
    session: session(stationName(i), car.transaction),
  };
  return [[site.nowS, { type: 'MeterSampled', data }]];
}

function departure(site: Site, i: number): readonly Told[] {
  const car = site.cars[i];
  if (car === undefined || car.transaction === null) return [];
  const { transaction } = car;
  car.transaction = null;
  return [[site.nowS, ended(stationName(i), transaction)]];
}

/** An envelope on any node, of its rating or a fifth less. */
function limit({ nodes, random, nowS }: Site): readonly Told[] {
  const node = nodes[Math.floor(random() * nodes.length)];
  if (node === undefined) return [];
  const limitA = Math.round(node.limitA * (0.8 + 0.2 * random()));
  const data: EventData<'EnvelopeSet'> = {
    site: SITE,
    source: 'operator',
    node: nodeId(node.id),
    limitA: [limitA, limitA, limitA],
    limitW: null,
    from: null,
    to: null,
    silenceS: null,
    fallback: null,
    heardAt: at(nowS),
  };
  return [[nowS, { type: 'EnvelopeSet', data }]];
}

const keyOf = (i: number) => connectorKey(stationId(stationName(i)), 1);

/** The decision, and that all stations took it up at once. */
export function followed(site: Site, decided: EventData<'LimitsAllocated'>): readonly Told[] {
  const taken = decided.allocations.flatMap(({ connector, limitA }): readonly Told[] => {
    const station = connector.slice(0, connector.lastIndexOf('/'));
    const transaction = site.cars[Number(station.slice(1))]?.transaction ?? null;
    if (transaction === null) return [];
    const call = `c${site.count++}`;
    return [
      [site.nowS, requested(call, { station, transaction, limitA })],
      [site.nowS, answered(station, call)],
    ];
  });
  return [[site.nowS, { type: 'LimitsAllocated', data: decided }], ...taken];
}
