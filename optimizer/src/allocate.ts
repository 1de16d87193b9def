// allocate: each connector's limit for this moment. Pure: the same problem has the same answer,
// so that a recorded decision can be solved again.

import type { Allocation, SiteConfig } from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import { type AdmissionInput, admit, TIER } from './admission/index.js';
import { needsByLeaf, policyFor } from './asked.js';
import { becauseLink } from './because.js';
import { share } from './policy/index.js';
import type { Candidate, Problem } from './problem.js';
import { holdSmallRaises, roundDown, type Steps } from './rounding/index.js';
import { type SiteNetwork, siteNetwork, writeLoads } from './site-network.js';
import { fill } from './solver/index.js';
import { stoppedByUnbalance } from './uneven.js';
import { withGains } from './with-gains.js';

/** What looks on beside the answer: certificates. Arrays are by leaf, and good until the call returns. */
export interface Watch {
  /** The exact share, before it is rounded to what stations can be set to. */
  shared?(site: SiteNetwork, config: SiteConfig): void;
  /** The limits that are given. */
  settled?(site: SiteNetwork, limitA: Float64Array): void;
}

export interface AllocateOptions {
  readonly watch?: Watch;
  /** For which answers to work out what more room would give; default: for all that a link binds. */
  readonly explains?: (allocation: Allocation) => boolean;
}

/** Solves the problem; allocations come in the order of fixed connectors, then candidates. */
export function allocate(
  problem: Problem,
  config: SiteConfig,
  { watch = {}, explains = () => true }: AllocateOptions = {},
): readonly Allocation[] {
  const site = siteNetwork(config, problem.phases);
  writeLoads(config, site, problem);
  const pass = { problem, config, site };
  const stuck = problem.candidates.filter((c) => c.stuckAtA !== null);
  const wished = solve(pass, stuck.length === 0 ? watch : {}, () => null);
  const settled = stuck.length === 0 ? wished : aroundStuck(pass, wished, { stuck, watch });
  const fixed = problem.fixed.map(({ key, limitA, because }) => ({
    connector: key,
    limitA: floorToTenth(limitA),
    fairA: null,
    because,
  }));
  const solved = problem.candidates.map((c) => toAllocation(pass, settled.get(c.key) ?? nothing(c)));
  return [...fixed, ...withGains(pass, solved, { settled, explains })];
}

export interface Pass {
  readonly problem: Problem;
  readonly config: SiteConfig;
  readonly site: SiteNetwork;
}

/** What one candidate gets; amperes of its own limit. */
export interface Share {
  readonly candidate: Candidate;
  readonly limitA: number;
  readonly fairA: number | null;
  /** The link that keeps it from more, or from charging at all; -1: its own bound. */
  readonly link: number;
  readonly waits: boolean;
  /** The limit on unbalance of that link's node does, not the link. */
  readonly uneven: boolean;
}

export type Shares = ReadonlyMap<ConnectorKey, Share>;

/**
 * Connectors that do not take limits at present count at what they may be holding; the others share
 * the rest. What the stuck ones are asked for stays their fair share, never more than they hold.
 */
function aroundStuck(
  pass: Pass,
  wished: Shares,
  { stuck, watch }: { readonly stuck: readonly Candidate[]; readonly watch: Watch },
): Shares {
  const shares = new Map(solve(pass, watch, ({ stuckAtA }) => stuckAtA));
  for (const candidate of stuck) {
    const wish = wished.get(candidate.key) ?? nothing(candidate);
    const limitA = Math.min(wish.limitA, floorToTenth(candidate.stuckAtA ?? 0));
    shares.set(candidate.key, { ...wish, limitA: limitA < candidate.minA ? 0 : limitA });
  }
  return shares;
}

type HeldAt = (candidate: Candidate) => number | null;

/** `heldAt`: what a candidate counts at without being asked; null for those who share. */
function solve(pass: Pass, watch: Watch, heldAt: HeldAt): Shares {
  const { problem, config, site } = pass;
  const { network, scratch, factor, admission } = site;
  writeBounds(pass, heldAt);
  const waiting = admit(admissionInput(pass, heldAt), admission);
  const fairA = waiting === 0 ? null : relaxed(site);
  const sharing = problem.candidates.filter((candidate) => heldAt(candidate) === null);
  for (const { index, minA, floorA } of sharing) {
    const each = factor[index] ?? 1;
    const admitted = admission.admitted[index] === 1;
    network.minA[index] = each * (admitted ? Math.max(minA, floorA) : floorA);
    if (!admitted) network.maxA[index] = each * floorA;
  }
  const needs = needsByLeaf(problem, site);
  share(network, scratch, needs, policyFor(config.policy, needs));
  watch.shared?.(site, config);
  const limitA = settle(pass, sharing);
  watch.settled?.(site, limitA);
  const isUneven = stoppedByUnbalance(site);
  return new Map(
    sharing.map((candidate) => {
      const { index, key } = candidate;
      const each = factor[index] ?? 1;
      const waits = admission.admitted[index] !== 1;
      return [
        key,
        {
          candidate,
          limitA: waits ? 0 : settledA((limitA[index] ?? 0) / each, candidate),
          fairA: fairA === null ? null : floorToTenth((fairA[index] ?? 0) / each),
          link: waits ? (admission.link[index] ?? -1) : (scratch.binding[index] ?? -1),
          waits,
          uneven: isUneven(index, waits ? (admission.link[index] ?? -1) : (scratch.binding[index] ?? -1)),
        },
      ];
    }),
  );
}

/** Less than the minimum is what it holds anyway: nothing that it could be told. */
const settledA = (limitA: number, { minA }: Candidate): number =>
  limitA < minA - SAME_A ? 0 : floorToTenth(limitA);
const SAME_A = 1e-6;

/** From nothing (fixed connectors are in the loads) to what candidates may have if minima were no matter. */
function writeBounds({ problem, site }: Pass, heldAt: HeldAt): void {
  const { network, factor } = site;
  network.minA.fill(0, 0, factor.length);
  network.maxA.fill(0, 0, factor.length);
  for (const candidate of problem.candidates) {
    const { index, floorA, maxA } = candidate;
    const each = factor[index] ?? 1;
    const held = heldAt(candidate);
    network.minA[index] = each * (held ?? floorA);
    network.maxA[index] = each * (held ?? Math.max(maxA, floorA));
  }
}

function admissionInput({ problem, site }: Pass, heldAt: HeldAt): AdmissionInput {
  const { network, factor } = site;
  const input = {
    network,
    needA: new Float64Array(network.leaves),
    // Loads that are leaves count as they are.
    floorA: Float64Array.from(network.minA),
    tier: new Uint8Array(network.leaves).fill(TIER.out),
    value: new Float64Array(network.leaves).fill(1),
    since: new Float64Array(network.leaves),
    wakes: new Uint8Array(network.leaves),
  };
  for (const candidate of problem.candidates) {
    if (heldAt(candidate) !== null) continue;
    const { index, standing } = candidate;
    input.needA[index] = (factor[index] ?? 1) * standing.needA;
    input.tier[index] = standing.tier;
    input.value[index] = standing.value;
    input.since[index] = standing.since;
    input.wakes[index] = standing.wakes;
  }
  return input;
}

/** Everybody's share if currents could be as small as one likes: what those who wait are short of. */
function relaxed({ network, scratch }: SiteNetwork): Float64Array {
  fill(network, scratch);
  return Float64Array.from(scratch.limitA);
}

/** To what stations can be set to; then small raises are left out. Returns the limits by leaf. */
function settle({ config, site }: Pass, sharing: readonly Candidate[]): Float64Array {
  const { network, scratch, rounding, factor } = site;
  roundDown(network, scratch.limitA, stepsOf(site, sharing, scratch.limitA), rounding);
  const wantedA = Float64Array.from(rounding.limitA);
  const previousA = new Float64Array(network.leaves);
  for (const { index, previousA: before } of sharing) previousA[index] = (factor[index] ?? 1) * before;
  holdSmallRaises(network, { wantedA, previousA, deadbandA: config.control.deadbandA }, rounding);
  return rounding.limitA;
}

/** OCPP limits have one decimal. */
const TENTH_A = 0.1;

/** Who does not share is left at what it has. */
function stepsOf(
  { network, factor, admission }: SiteNetwork,
  sharing: readonly Candidate[],
  limitA: Float64Array,
): Steps {
  const stepA = new Float64Array(network.leaves).fill(TENTH_A);
  const values: (readonly number[] | null)[] = Array.from(limitA, (held) => [held]);
  for (const { index, config, minA, floorA } of sharing) {
    const each = factor[index] ?? 1;
    // What it holds anyway need not be one of its steps.
    const free = floorA > minA || admission.admitted[index] !== 1;
    values[index] = free || config.stepsA === null ? null : config.stepsA.map((value) => value * each);
    stepA[index] = each * (free ? TENTH_A : Math.max(TENTH_A, config.stepA));
  }
  // In the sums every leaf counts with what it holds whatever it is told.
  const leastA = Float64Array.from(limitA);
  for (const { index, floorA } of sharing) leastA[index] = (factor[index] ?? 1) * floorA;
  return { stepA, values, leastA };
}

function toAllocation({ problem, config }: Pass, share: Share): Allocation {
  const { candidate, limitA, fairA, link, waits, uneven } = share;
  // It was let in, and what it could have is no step of its station.
  if (!waits && limitA === 0 && candidate.maxA > 0)
    return { connector: candidate.key, limitA, fairA, because: { kind: 'bound', bound: 'step' } };
  if (link < 0)
    return {
      connector: candidate.key,
      limitA,
      fairA,
      because: { kind: 'bound', bound: candidate.maxBecause },
    };
  return {
    connector: candidate.key,
    limitA,
    fairA,
    because: becauseLink(waits ? 'waiting' : 'link', link, { problem, config, uneven }),
  };
}

const nothing = (candidate: Candidate): Share => ({
  candidate,
  limitA: 0,
  fairA: null,
  link: -1,
  waits: false,
  uneven: false,
});

/** OCPP limits have one decimal; we round down, never up. */
export const floorToTenth = (amperes: number): number => Math.floor(amperes * 10 + 1e-6) / 10;
