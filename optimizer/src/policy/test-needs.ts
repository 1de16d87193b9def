// Needs for the tests: some known, some not.

import type { Network } from '../solver/network.js';
import { seeded } from '../solver/test-networks.js';
import type { Needs } from './needs.js';

export function needsOf({ leaves }: Pick<Network, 'leaves'>, seed: number): Needs {
  const random = seeded(seed + 12_345);
  const by = (value: () => number): Float64Array => Float64Array.from({ length: leaves }, value);
  return {
    remainingWh: by(() => (random() < 0.15 ? Number.POSITIVE_INFINITY : 40_000 * random() ** 2)),
    hoursLeft: by(() => (random() < 0.15 ? Number.POSITIVE_INFINITY : -0.5 + 10 * random())),
    deliveredWh: by(() => (random() < 0.3 ? 0 : 20_000 * random())),
  };
}
