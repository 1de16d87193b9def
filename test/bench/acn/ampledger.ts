// The product's own sharing, told what the others are told. At stations with minima and steps: who is worth
// most without minima is admitted first, the admitted share, and the result goes down to what the
// stations can offer, with the remainders handed on.

import type { AdmissionScratch } from '../../../optimizer/src/admission/index.js';
import type { Needs, Policy } from '../../../optimizer/src/policy/index.js';
import type { RoundingScratch, Steps } from '../../../optimizer/src/rounding/index.js';
import type { Scratch, Network as Tree } from '../../../optimizer/src/solver/index.js';
import type { Network } from './network.js';
import {
  admit,
  createAdmissionScratch,
  createRoundingScratch,
  createScratch,
  roundDown,
  share,
  TIER,
} from './product.js';
import type { ActiveSession, Scheduler } from './scheduler.js';
import { siteNetworkOf } from './site-network.js';
import { PERIOD_MIN } from './topology.js';

const PER_HOUR = 60 / PERIOD_MIN;

type Arrays<T> = { readonly [K in keyof T]: Float64Array };

interface Site {
  readonly tree: Tree;
  readonly scratch: Scratch;
  readonly needs: Arrays<Needs>;
  readonly admission: AdmissionScratch;
  readonly rounding: RoundingScratch;
  /** Null where stations offer any current. */
  readonly steps: Steps | null;
}

export function createAmpledger(policy: Policy): Scheduler {
  let site: Site | undefined;
  return {
    name: `Ampledger ${policy}`,
    schedule(active, period, network) {
      site ??= siteOf(network);
      site.tree.minA.fill(0);
      site.tree.maxA.fill(0);
      for (const session of active) tell(site, session, period);
      share(site.tree, site.scratch, site.needs, policy);
      if (site.steps === null) return ratesOf(active, site.scratch.limitA);
      admitInto(site, active);
      share(site.tree, site.scratch, site.needs, policy);
      roundDown(site.tree, site.scratch.limitA, site.steps, site.rounding);
      return ratesOf(active, site.rounding.limitA);
    },
  };
}

const ratesOf = (active: readonly ActiveSession[], limitA: Float64Array): Float64Array =>
  Float64Array.from(active, ({ evse }) => limitA[evse] ?? 0);

function siteOf(network: Network): Site {
  const tree = siteNetworkOf(network);
  const byLeaf = (): Float64Array => new Float64Array(tree.leaves);
  const real = network.evses.some(({ stepsA }) => stepsA !== null);
  return {
    tree,
    scratch: createScratch(tree),
    needs: {
      remainingWh: byLeaf(),
      hoursLeft: byLeaf(),
      deliveredWh: byLeaf(),
    },
    admission: createAdmissionScratch(tree),
    rounding: createRoundingScratch(tree),
    steps: real ? stepsOf(network) : null,
  };
}

const stepsOf = ({ evses }: Network): Steps => ({
  stepA: new Float64Array(evses.length).fill(1),
  values: evses.map(({ stepsA }) => (stepsA ? [...stepsA].filter((step) => step > 0) : null)),
});

function tell({ tree, needs, steps }: Site, session: ActiveSession, period: number): void {
  const { evse, carMaxA, remainingA, remainingKwh, deliveredKwh, estimatedDeparture } = session;
  const takesA = Math.min(carMaxA, remainingA);
  // A station's step above what the car takes: else it would never be full.
  tree.maxA[evse] = steps?.values?.[evse]?.find((step) => step >= takesA) ?? takesA;
  needs.remainingWh[evse] = remainingKwh * 1000;
  needs.deliveredWh[evse] = deliveredKwh * 1000;
  needs.hoursLeft[evse] = (estimatedDeparture - period) / PER_HOUR;
}

/** Less is not worth a minimum. */
const WORTH_A = 0.5;

/** From shares without minima to minima for some and nothing for the others. */
function admitInto({ tree, scratch, admission }: Site, active: readonly ActiveSession[]): void {
  const { leaves } = tree;
  const needA = new Float64Array(leaves);
  const tier = new Uint8Array(leaves).fill(TIER.out);
  const value = new Float64Array(leaves).fill(1);
  const since = new Float64Array(leaves);
  for (const { evse, minA, arrival } of active) {
    const worthA = scratch.limitA[evse] ?? 0;
    needA[evse] = minA;
    since[evse] = arrival;
    if (worthA < WORTH_A) continue;
    tier[evse] = TIER.open;
    value[evse] = worthA;
  }
  const none = new Float64Array(leaves);
  admit({ network: tree, needA, floorA: none, tier, value, since, wakes: none }, admission);
  for (const { evse, minA } of active) {
    const on = admission.admitted[evse] === 1;
    tree.minA[evse] = on ? minA : 0;
    if (!on) tree.maxA[evse] = 0;
  }
}
