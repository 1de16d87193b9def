// Columns and rows of one session, or of one group of expected cars.

import { addToFlows, addToLinks, type Context, type PlanColumns } from './build-context.js';
import type { Leaf } from './flows.js';
import { againstBurning } from './value.js';

const INFINITE = Number.POSITIVE_INFINITY;

export function addLeaf(context: Context, leaf: Leaf): PlanColumns['leaves'][number] {
  const { build, at } = context;
  const needKwh = leaf.energyWh / 1000;
  // Who is not there within the plan has no level either.
  const stored = leaf.v2x === null || leaf.count === 0 ? null : leaf.v2x.storedWh / 1000;
  const energyRow =
    stored === null
      ? build.row(needKwh, needKwh)
      : build.row(Math.min(stored + needKwh, Math.max(stored, (leaf.v2x?.capacityWh ?? 0) / 1000)), INFINITE);
  build.nameRows(`energy:${leaf.key}`, 0, energyRow);
  const levelRow = stored === null ? -1 : addLevelRows(context, leaf, stored);
  const current = build.columns;
  for (let k = 0; k < leaf.count; k++)
    addCurrent(context, leaf, k, stored === null ? energyRow : levelRow + k);
  build.nameColumns(`current:${leaf.key}`, at + leaf.first, current);
  const discharge = stored === null ? -1 : addDischarge(context, leaf, energyRow, levelRow);
  const steps = build.columns;
  for (const { widthWh, perKwh } of leaf.steps) {
    build.column(perKwh * context.scale, 0, widthWh / 1000);
    build.entry(energyRow, 1);
  }
  build.nameColumns(`steps:${leaf.key}`, 0, steps);
  return { first: leaf.first, count: leaf.count, current, discharge };
}

/** `level - level before - charged + discharged = 0`, by period of the stay. */
function addLevelRows({ build, at }: Context, leaf: Leaf, stored: number): number {
  const first = build.rows;
  for (let k = 0; k < leaf.count; k++) build.row(k === 0 ? stored : 0, k === 0 ? stored : 0);
  build.nameRows(`level:${leaf.key}`, at + leaf.first, first);
  return first;
}

function addCurrent(context: Context, leaf: Leaf, k: number, energyRow: number): void {
  const { build, prices, scale, hours } = context;
  const t = leaf.first + k;
  const gridKwhPerA = leaf.kwPerA * (leaf.presence[k] ?? 0) * hours;
  const price = (prices.draw[t] ?? 0) + leaf.hair * t * hours;
  build.column(gridKwhPerA * price * scale, 0, leaf.maxA[k] ?? 0);
  build.entry(energyRow, (leaf.v2x === null ? 1 : -1) * gridKwhPerA * leaf.efficiency);
  addToLinks(context, leaf, 'import', t);
  addToFlows(context, t, leaf.kwPerA * (leaf.presence[k] ?? 0));
}

/** Columns for feeding back and for the level; the level at the end stands in the row of the energy. */
function addDischarge(context: Context, leaf: Leaf, energyRow: number, levelRow: number): number {
  const { build, prices, scale, hours, at } = context;
  const { v2x } = leaf;
  if (v2x === null) return -1;
  const first = build.columns;
  for (let k = 0; k < leaf.count; k++) {
    const t = leaf.first + k;
    const gridKwhPerA = leaf.kwPerA * (leaf.presence[k] ?? 0) * hours;
    const price = prices.draw[t] ?? 0;
    const guard = againstBurning(
      price - (prices.loss[t] ?? 0),
      v2x.efficiency * leaf.efficiency,
      prices.reference,
    );
    build.column(gridKwhPerA * (v2x.wearPerKwh + guard - price) * scale, 0, leaf.v2x?.maxDischargeA[k] ?? 0);
    build.entry(levelRow + k, gridKwhPerA / v2x.efficiency);
    addToLinks(context, leaf, 'export', t);
    addToFlows(context, t, -leaf.kwPerA * (leaf.presence[k] ?? 0));
  }
  build.nameColumns(`discharge:${leaf.key}`, at + leaf.first, first);
  const level = build.columns;
  for (let k = 0; k < leaf.count; k++) {
    build.column(0, Math.min(v2x.minWh, v2x.storedWh) / 1000, Math.max(v2x.capacityWh, v2x.storedWh) / 1000);
    build.entry(levelRow + k, 1);
    if (k + 1 < leaf.count) build.entry(levelRow + k + 1, -1);
    else build.entry(energyRow, 1);
  }
  build.nameColumns(`level:${leaf.key}`, at + leaf.first, level);
  return first;
}
