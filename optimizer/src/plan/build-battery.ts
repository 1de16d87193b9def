// Columns and rows of the site's battery.

import { addToFlows, addToLinks, type Context, type PlanColumns } from './build-context.js';
import { batteryPerKw, type Link } from './flows.js';
import { batteryCost, FINAL_LEVEL_SHARE } from './value.js';

const INFINITE = Number.POSITIVE_INFINITY;

export function addBattery(context: Context, node: number): PlanColumns['battery'] {
  const { build, problem, at, prices, scale } = context;
  const { battery, periods } = problem;
  if (battery === null) return null;
  const level = build.rows;
  for (let t = 0; t < periods; t++) {
    const start = t === 0 ? battery.startWh / 1000 : 0;
    build.row(start, start);
  }
  build.nameRows('battery', at, level);
  const finalRow = build.row(battery.finalWh / 1000, INFINITE);
  build.nameRows('battery-final', 0, finalRow);
  const charge = addBatteryFlow(context, node, 'import', level);
  const discharge = addBatteryFlow(context, node, 'export', level);
  const levels = build.columns;
  const floor = Math.min(battery.reserveWh, battery.startWh) / 1000;
  for (let t = 0; t < periods; t++) {
    build.column(0, floor, Math.max(battery.capacityWh, battery.startWh) / 1000);
    build.entry(level + t, 1);
    build.entry(t + 1 < periods ? level + t + 1 : finalRow, t + 1 < periods ? -1 : 1);
  }
  build.nameColumns('battery-level', at, levels);
  const short = build.column(FINAL_LEVEL_SHARE * prices.unserved * scale, 0, INFINITE);
  build.entry(finalRow, 1);
  build.nameColumns('battery-short', 0, short);
  return { charge, discharge };
}

/** Columns in kW at the grid. */
function addBatteryFlow(context: Context, node: number, side: Link['side'], level: number): number {
  const { build, problem, at, hours, scale } = context;
  const { battery, periods, voltageV } = problem;
  const first = build.columns;
  if (battery === null) return first;
  const oneWay = Math.sqrt(battery.efficiency);
  const charging = side === 'import';
  const perKw = { node, perA: batteryPerKw(voltageV), kwPerA: 1 };
  for (let t = 0; t < periods; t++) {
    const cost = batteryCost(context.problem, context.prices, t, side) * hours * scale;
    build.column(cost, 0, (charging ? battery.chargeW : battery.dischargeW) / 1000);
    build.entry(level + t, charging ? -oneWay * hours : hours / oneWay);
    addToLinks(context, perKw, side, t);
    addToFlows(context, t, charging ? 1 : -1);
  }
  build.nameColumns(`battery:${side}`, at, first);
  return first;
}
