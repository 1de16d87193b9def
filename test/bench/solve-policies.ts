// Sharing by policy on the same generated sites, in three phases, with needs that differ: milliseconds.

import { performance } from 'node:perf_hooks';
import { certifyMaximal } from '@ampledger/optimizer';
import type { Needs, Policy, share } from '../../optimizer/src/policy/index.js';
import type { Network, Scratch } from '../../optimizer/src/solver/index.js';
import { generator } from './solve-trees.js';

export interface PolicySite {
  readonly network: Network;
  readonly scratch: Scratch;
}

const POLICIES: readonly Policy[] = ['fair', 'urgent', 'throughput', 'balanced'];

/** Lines of policy, p50 and p99. Throws where a share is over a limit, or leaves somebody what he could have. */
export function policyRows(
  sharing: { readonly share: typeof share },
  sites: readonly PolicySite[],
  seconds: number,
): readonly (readonly string[])[] {
  return POLICIES.map((policy) => {
    const times: number[] = [];
    const asked = sites.map(({ network }, i) => needsOf(network, i + 1));
    const end = performance.now() + (seconds * 1000) / POLICIES.length;
    const warmed = performance.now() + (seconds * 200) / POLICIES.length;
    for (let i = 0; performance.now() < end || times.length < sites.length; i++) {
      const site = sites[i % sites.length];
      const needs = asked[i % sites.length];
      if (site === undefined || needs === undefined) break;
      const start = performance.now();
      sharing.share(site.network, site.scratch, needs, policy);
      const took = performance.now() - start;
      if (i < sites.length) assertMaximal(site, policy);
      if (performance.now() > warmed || i >= sites.length) times.push(took);
    }
    times.sort((a, b) => a - b);
    const at = (q: number): string => (times[Math.floor(q * (times.length - 1))] ?? Number.NaN).toFixed(2);
    return [policy, at(0.5), at(0.99)];
  });
}

function assertMaximal({ network, scratch }: PolicySite, policy: Policy): void {
  const certificate = certifyMaximal(network, scratch.limitA);
  if (!certificate.holds) throw new Error(`${policy}: ${JSON.stringify(certificate.violation)}`);
}

function needsOf({ leaves }: Network, seed: number): Needs {
  const random = generator(seed);
  const by = (value: () => number): Float64Array => Float64Array.from({ length: leaves }, value);
  return {
    remainingWh: by(() => 40_000 * random()),
    hoursLeft: by(() => 0.25 + 10 * random()),
    deliveredWh: by(() => 20_000 * random()),
  };
}
