// How a car stands: whether it will have what it needs by when it leaves.

import type { ConnectorView, SiteView } from '@ampledger/domain';
import type { PlannedCar, SitePlan } from '../feed/plan.js';
import { drawOf } from '../model/bar.js';
import { CHARGING_FROM_A } from './connector-state.js';
import { energy, nearMoment } from './format.js';
import { isShort, SHORT_WH } from './plan.js';

export interface Standing {
  readonly kind: 'fine' | 'short' | 'open';
  readonly words: string;
}

/** null: no car, or nothing is known of what it needs. */
export function standingOf(connector: ConnectorView, view: SiteView, plan: SitePlan | null): Standing | null {
  const { needs, session } = connector;
  if (needs === null || session === null || session.endedAt !== null) return null;
  const { energyWh, departAt } = needs;
  if (energyWh === null) return null;
  if (energyWh < SHORT_WH) return { kind: 'fine', words: 'has nearly all of it' };
  const planned = plan?.connectors.find(
    (car) => car.connector === connector.key && car.session === session.id,
  );
  if (plan && planned) return byPlan(planned, plan, view);
  return departAt === null ? null : byPace(connector, view, { energyWh, departAt });
}

function byPlan(car: PlannedCar, plan: SitePlan, { at, timeZone }: SiteView): Standing {
  if (isShort(car)) return { kind: 'short', words: `will be short by ${energy(car.unservedWh)} (plan)` };
  const until = plan.periods[car.limitA.findLastIndex((limit) => limit > 0)]?.to;
  const done = until === undefined ? null : Math.min(until, car.departsAt ?? until);
  if (done === null) return { kind: 'fine', words: 'on its way (plan)' };
  return { kind: 'fine', words: `on its way, done by ${nearMoment(done, at, timeZone)} (plan)` };
}

/** Where no plan says more: as if it went on like now. */
function byPace(
  connector: ConnectorView,
  view: SiteView,
  { energyWh, departAt }: { readonly energyWh: number; readonly departAt: number },
): Standing {
  const { at, timeZone } = view;
  if (departAt <= at) return { kind: 'short', words: `short by ${energy(energyWh)} as it leaves` };
  const powerW = paceW(connector, view);
  if (powerW <= 0) return { kind: 'open', words: `gets nothing now, ${energy(energyWh)} are to come` };
  const shortWh = energyWh - (powerW * (departAt - at)) / 3_600_000;
  if (shortWh >= SHORT_WH) return { kind: 'short', words: `short by ${energy(shortWh)} at this pace` };
  const doneAt = at + (energyWh / powerW) * 3_600_000;
  return { kind: 'fine', words: `on its way, done by ${nearMoment(doneAt, at, timeZone)} at this pace` };
}

/** Watts that it draws, or could of what it is given while it draws nothing yet. */
function paceW(connector: ConnectorView, { voltageV, wiring }: SiteView): number {
  const { drawA, allocationA } = connector;
  if (drawA !== null && (drawOf(connector) ?? 0) >= CHARGING_FROM_A)
    return voltageV * drawA.reduce((sum, current) => sum + Math.max(0, current), 0);
  const used = (connector.carPhases ?? connector.phases).length;
  // On all legs of a delta each carries 1/√3 of the current of a line.
  const legs = wiring === 'delta' && used === 3 ? Math.sqrt(3) : used;
  return voltageV * allocationA * legs;
}
