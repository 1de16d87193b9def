// allocate: each connector's limit for this moment. Pure: the same problem has the same answer,
// so that a recorded decision can be solved again.

import { type Allocation, SAME_SHARE, type SiteConfig, settableBelow, TENTH_A } from '@ampledger/domain';
import { type AdmissionInput, admit, TIER } from './admission/index.js';
import { needsByLeaf, policyFor } from './asked.js';
import { createReasons, type Reasons } from './because.js';
import { shareAgain } from './policy/index.js';
import { type Candidate, floorToTenth, type Problem } from './problem.js';
import { holdSmallRaises, roundDown, type Steps } from './rounding/index.js';
import { type SiteNetwork, siteNetwork, writeLoads } from './site-network.js';
import { fill } from './solver/index.js';
import { holders } from './uneven.js';
import { withGains } from './with-gains.js';

/** What looks on beside the answer: certificates. Arrays are by leaf, and good until the call returns. */
export interface Watch {
  /** A stage begins: for measuring. */
  entered?(stage: Stage): void;
  /** The exact share, before it is rounded to what stations can be set to. */
  shared?(site: SiteNetwork, config: SiteConfig): void;
  /** The limits that are given. */
  settled?(site: SiteNetwork, limitA: Float64Array): void;
}

/** `gather`: from the state to numbers; `finish`: from numbers to what is recorded. */
export type Stage = 'gather' | 'admit' | 'share' | 'round' | 'gains' | 'finish';

export interface AllocateOptions {
  readonly watch?: Watch;
  /** For which answers to work out what more room would give; default: for all that a link binds. */
  readonly explains?: (allocation: Allocation, previous: Allocation | null) => boolean;
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
    limitA,
    fairA: null,
    because,
  }));
  const reasons = createReasons(problem, config);
  const shares = problem.candidates.map((c) => settled[c.index] ?? nothing(c));
  const solved = shares.map((one) => toAllocation(one, reasons));
  return [...fixed, ...withGains(pass, solved, { shares, explains, watch })];
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

/** By connector of the topology; undefined for who does not share. */
type Shares = readonly (Share | undefined)[];

/**
 * Connectors that do not take limits at present count at what they may be holding; the others share
 * the rest. What the stuck ones are asked for stays their fair share, never more than they hold.
 */
function aroundStuck(
  pass: Pass,
  wished: Shares,
  { stuck, watch }: { readonly stuck: readonly Candidate[]; readonly watch: Watch },
): Shares {
  const shares = [...solve(pass, watch, ({ stuckAtA }) => stuckAtA)];
  for (const candidate of stuck) {
    const wish = wished[candidate.index] ?? nothing(candidate);
    const limitA = settledA(Math.min(wish.limitA, candidate.stuckAtA ?? 0), candidate);
    shares[candidate.index] = { ...wish, limitA, waits: wish.waits || (limitA === 0 && wish.link >= 0) };
  }
  return shares;
}

type HeldAt = (candidate: Candidate) => number | null;

/** `heldAt`: what a candidate counts at without being asked; null for those who share. */
function solve(pass: Pass, watch: Watch, heldAt: HeldAt): Shares {
  const { problem, config, site } = pass;
  const { network, scratch, factor, admission } = site;
  writeBounds(pass, heldAt);
  watch.entered?.('admit');
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
  watch.entered?.('share');
  shareAgain(site, site.memory, needs, policyFor(config.policy, needs));
  watch.shared?.(site, config);
  watch.entered?.('round');
  const limitA = settle(pass, sharing);
  watch.entered?.('finish');
  watch.settled?.(site, limitA);
  const holderOf = holders(site);
  const shares = new Array<Share | undefined>(factor.length);
  for (const candidate of sharing) {
    const { index } = candidate;
    const each = factor[index] ?? 1;
    const admitted = admission.admitted[index] === 1;
    const toldA = admitted ? settledA((limitA[index] ?? 0) / each, candidate) : 0;
    const named = !admitted ? (admission.link[index] ?? -1) : (scratch.binding[index] ?? -1);
    const holder = holderOf(index, named);
    const most = isMost(toldA, candidate);
    shares[index] = {
      candidate,
      limitA: toldA,
      fairA: fairA === null ? null : floorToTenth((fairA[index] ?? 0) / each),
      link: most ? -1 : holder.link,
      uneven: !most && holder.uneven,
      // Who was let in, and has nothing that its station can be set to, waits for the link all the same.
      waits: !admitted || (toldA === 0 && holder.link >= 0),
    };
  }
  return shares;
}

/** Less than the minimum is what it holds anyway: nothing that it could be told. */
function settledA(limitA: number, { minA, maxA, floorA, settable }: Candidate): number {
  const valueA = Math.min(settableBelow(settable, limitA), Math.max(maxA, floorA));
  return valueA < minA * (1 - SAME_SHARE) ? 0 : valueA;
}

/** It has its maximum, whatever stopped its exact share: rounding has handed the rest to it. */
const isMost = (limitA: number, { maxA }: Candidate): boolean =>
  limitA > 0 && limitA >= maxA * (1 - SAME_SHARE);

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
    floorA: network.minA.slice(),
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
  return scratch.limitA.slice();
}

/** To what stations can be set to; then small raises are left out. Returns the limits by leaf. */
function settle({ config, site }: Pass, sharing: readonly Candidate[]): Float64Array {
  const { network, scratch, rounding, factor } = site;
  roundDown(network, scratch.limitA, stepsOf(site, sharing, scratch.limitA), rounding);
  const wantedA = rounding.limitA.slice();
  const previousA = new Float64Array(network.leaves);
  for (const { index, previousA: before } of sharing) previousA[index] = (factor[index] ?? 1) * before;
  holdSmallRaises(network, { wantedA, previousA, deadbandA: config.control.deadbandA }, rounding);
  return rounding.limitA;
}

/** Who does not share, or waits, is left at what it has. */
function stepsOf(
  { network, factor, admission }: SiteNetwork,
  sharing: readonly Candidate[],
  limitA: Float64Array,
): Steps {
  const stepA = new Float64Array(network.leaves).fill(TENTH_A);
  const values = new Array<readonly number[] | null>(network.leaves).fill(NOTHING);
  // In the sums every leaf counts with what it holds whatever it is told.
  const leastA = limitA.slice();
  // What it holds anyway need not be one of its steps, and is no minimum.
  const usefulA = network.minA.slice();
  for (const { index, settable, minA, floorA } of sharing) {
    const each = factor[index] ?? 1;
    leastA[index] = each * floorA;
    if (admission.admitted[index] !== 1) continue;
    values[index] = settable.valuesA?.map((value) => value * each) ?? null;
    stepA[index] = each * settable.stepA;
    usefulA[index] = each * minA;
  }
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const held = limitA[leaf] ?? 0;
    if (held !== 0 && values[leaf] === NOTHING) values[leaf] = [held];
  }
  return { stepA, values, leastA, usefulA };
}

const NOTHING: readonly number[] = [0];

function toAllocation(
  { candidate, limitA, fairA, link, waits, uneven }: Share,
  reasons: Reasons,
): Allocation {
  const { key: connector, maxA, maxBecause } = candidate;
  // It was let in, no link is in its way, and what it could have is no step of its station.
  if (!waits && limitA === 0 && maxA > 0) return { connector, limitA, fairA, because: BOUND.step };
  if (link < 0) return { connector, limitA, fairA, because: BOUND[maxBecause] };
  return { connector, limitA, fairA, because: reasons.of(waits ? 'waiting' : 'link', link, uneven) };
}

const BOUND = {
  step: { kind: 'bound', bound: 'step' },
  maximum: { kind: 'bound', bound: 'maximum' },
  draw: { kind: 'bound', bound: 'draw' },
  plan: { kind: 'bound', bound: 'plan' },
  car: { kind: 'bound', bound: 'car' },
} as const;

const nothing = (candidate: Candidate): Share => ({
  candidate,
  limitA: 0,
  fairA: null,
  link: -1,
  waits: false,
  uneven: false,
});
