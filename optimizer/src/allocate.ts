// allocate: each connector's limit for this moment. Pure: the same problem has the same answer,
// so that a recorded decision can be solved again.

import { type Allocation, type Binding, linkAt, type SiteConfig } from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import { admit } from './admit.js';
import { type Filled, fill } from './fill.js';
import type { Candidate, Problem } from './problem.js';
import { take } from './rows.js';

/** Solves the problem; allocations come in the order of fixed connectors, then candidates. */
export function allocate(problem: Problem, config: SiteConfig): readonly Allocation[] {
  const wished = share(problem, config, problem.candidates);
  const stuck = problem.candidates.filter((c) => c.stuckAtA !== null);
  const settled = stuck.length === 0 ? wished : aroundStuck(problem, config, { stuck, wished });
  const fixed = problem.fixed.map(({ key, limitA, because }) => ({
    connector: key,
    limitA: floorToTenth(limitA),
    fairA: null,
    because,
  }));
  return [...fixed, ...problem.candidates.map((c) => settled.get(c.key) ?? nothing(c))];
}

type Shares = ReadonlyMap<ConnectorKey, Allocation>;

/**
 * Connectors that do not take limits at present count at what they may be holding; the others share
 * the rest. What the stuck ones are asked for stays their fair share, never more than they hold.
 */
function aroundStuck(
  problem: Problem,
  config: SiteConfig,
  { stuck, wished }: { stuck: readonly Candidate[]; wished: Shares },
): Shares {
  const capacity = Float64Array.from(problem.capacity);
  for (const candidate of stuck) take(capacity, candidate, candidate.stuckAtA ?? 0);
  const others = problem.candidates.filter((c) => c.stuckAtA === null);
  const shares = new Map(share({ ...problem, capacity }, config, others));
  for (const candidate of stuck) {
    const wish = wished.get(candidate.key) ?? nothing(candidate);
    const limitA = Math.min(wish.limitA, floorToTenth(candidate.stuckAtA ?? 0));
    shares.set(candidate.key, { ...wish, limitA: limitA < candidate.minA ? 0 : limitA });
  }
  return shares;
}

function share(problem: Problem, config: SiteConfig, candidates: readonly Candidate[]): Shares {
  const room = Float64Array.from(problem.capacity);
  for (const candidate of candidates) take(room, candidate, candidate.floorA);
  const { admitted, waiting } = admit(candidates, room);
  const shares = new Map<ConnectorKey, Allocation>();
  for (const [key, link] of waiting) {
    shares.set(key, {
      connector: key,
      limitA: 0,
      fairA: null,
      because: becauseLink('waiting', link, problem, config),
    });
  }
  for (const group of classes(admitted)) {
    const filled = fill(group, room);
    for (const candidate of group) {
      const got = filled.get(candidate.key);
      if (got) shares.set(candidate.key, allocationOf(candidate, got, problem, config));
    }
  }
  return shares;
}

/** The admitted by class, highest first: classes are strict above the minima too. */
function classes(admitted: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const byPriority = new Map<number, Candidate[]>();
  for (const candidate of admitted) {
    const group = byPriority.get(candidate.priority);
    if (group) group.push(candidate);
    else byPriority.set(candidate.priority, [candidate]);
  }
  return [...byPriority].sort(([a], [b]) => b - a).map(([, group]) => group);
}

function allocationOf(candidate: Candidate, got: Filled, problem: Problem, config: SiteConfig): Allocation {
  const because: Binding =
    got.link === -1
      ? { kind: 'bound', bound: candidate.maxBecause }
      : becauseLink('link', got.link, problem, config);
  const limitA = withDeadband(floorToTenth(got.limitA), candidate, problem.deadbandA);
  return { connector: candidate.key, limitA, fairA: null, because };
}

/** A small raise is left out: the station is not rewritten for it. Cuts are always made. */
function withDeadband(limitA: number, { previousA, minA, maxA }: Candidate, deadbandA: number): number {
  const keeps = previousA >= minA && previousA < limitA && limitA - previousA < deadbandA && limitA < maxA;
  return keeps ? previousA : limitA;
}

function becauseLink(kind: 'link' | 'waiting', link: number, problem: Problem, config: SiteConfig): Binding {
  const { node, phase } = linkAt(config, link);
  const capacity = Math.round(Math.max(0, problem.shown[link] ?? 0) * 10) / 10;
  return {
    kind,
    node,
    phase,
    envelope: envelopeOf(link, problem),
    capacity,
    gainA: null,
    sharers: null,
    until: null,
  };
}

const envelopeOf = (link: number, problem: Problem): string => problem.by[link] ?? '';

const nothing = (candidate: Candidate): Allocation => ({
  connector: candidate.key,
  limitA: 0,
  fairA: null,
  because: { kind: 'bound', bound: 'no-session' },
});

/** OCPP limits have one decimal; we round down, never up. */
export const floorToTenth = (amperes: number): number => Math.floor(amperes * 10 + 1e-6) / 10;
