// OCPP 2.0.1 K15 and K17: what a car says over ISO 15118 that it wants. A figure that cannot be is
// left out, and the rest of the message counts: whatever a car says, it only moves shares within
// the limits.

import type { EventData } from '@ampledger/domain';
import type { z } from 'zod';
import type { StationContext } from '../contract.js';
import { parseInstant } from '../date-time.js';
import type * as hot from '../schemas/hot-201.js';
import { answer, type Handler, isKnownEvse, messageEvent, refuse, sessionAt } from './message.js';
import { notified } from './plain-answers.js';

type Needs = EventData<'ChargingNeedsNotified'>;
type Said = Pick<Needs, 'energyWh' | 'departAt' | 'minA' | 'maxA'>;
type ChargingNeeds = z.infer<typeof hot.notifyEvChargingNeeds201>['chargingNeeds'];
type DcParameters = NonNullable<ChargingNeeds['dcChargingParameters']>;

/** Beyond these a figure is a fault of unit or memory: a lorry's battery, a megawatt plug, a month's stay. */
const ENERGY_WH_MAX = 1_000_000;
const AC_A_MAX = 1_000;
const DC_A_MAX = 3_000;
const DC_V_MAX = 1_500;
const DC_W_MAX = 4_000_000;
const STAY_MS_MAX = 30 * 86_400_000;

const NOTHING: Said = { energyWh: null, departAt: null, minA: null, maxA: null };

/** A car may want nothing, but neither less than that nor more than any battery holds. */
const energyOf = (wh: number | undefined): number | null =>
  wh !== undefined && wh >= 0 && wh <= ENERGY_WH_MAX ? wh : null;

const positiveUpTo = (value: number | undefined, max: number): number | null =>
  value !== undefined && value > 0 && value <= max ? value : null;

/** A departure that is over, or a month away, is one of a clock that was never set. */
function departureOf(text: string | undefined, receivedAt: number): number | null {
  const at = parseInstant(text);
  return at !== undefined && at > receivedAt && at <= receivedAt + STAY_MS_MAX ? at : null;
}

/** A least current above the largest says nothing of either. */
function acNeeds(ac: NonNullable<ChargingNeeds['acChargingParameters']>): Partial<Said> {
  const minA = positiveUpTo(ac.evMinCurrent, AC_A_MAX);
  const maxA = positiveUpTo(ac.evMaxCurrent, AC_A_MAX);
  const fits = minA === null || maxA === null || minA <= maxA;
  return { energyWh: energyOf(ac.energyAmount), minA: fits ? minA : null, maxA: fits ? maxA : null };
}

/**
 * The energy that it names, or what is missing from its battery up to the charge that it calls full;
 * where it names none, up to the charge at which it means to end charging fast.
 */
function dcEnergyWh(dc: DcParameters): number | null {
  const { evEnergyCapacity: capacityWh, stateOfCharge, fullSoC, bulkSoC } = dc;
  if (dc.energyAmount !== undefined) return energyOf(dc.energyAmount);
  if (capacityWh === undefined || stateOfCharge === undefined) return null;
  const missingPct = Math.max(0, (fullSoC ?? bulkSoC ?? 100) - stateOfCharge);
  return energyOf((capacityWh * missingPct) / 100);
}

/** The most that the car can take, as amperes on each of the grid's phases; null for an AC outlet. */
function dcMaxA(dc: DcParameters, wattsPerA: number | undefined): number | null {
  const currentA = positiveUpTo(dc.evMaxCurrent, DC_A_MAX);
  const voltageV = positiveUpTo(dc.evMaxVoltage, DC_V_MAX);
  const byPlugW = currentA === null || voltageV === null ? null : currentA * voltageV;
  const powerW = positiveUpTo(dc.evMaxPower, DC_W_MAX);
  if (wattsPerA === undefined || (byPlugW === null && powerW === null)) return null;
  return Math.min(byPlugW ?? DC_W_MAX, powerW ?? DC_W_MAX) / wattsPerA;
}

const dcNeeds = (dc: DcParameters, wattsPerA: number | undefined): Partial<Said> => ({
  energyWh: dcEnergyWh(dc),
  maxA: dcMaxA(dc, wattsPerA),
});

/** The parameters of the transfer that it asks for; a message may carry the other's too. */
function needsOf(context: StationContext, evseId: number, needs: ChargingNeeds): Said {
  const { acChargingParameters: ac, dcChargingParameters: dc, requestedEnergyTransfer } = needs;
  const departAt = departureOf(needs.departureTime, context.receivedAt);
  if (requestedEnergyTransfer !== 'DC') return { ...NOTHING, ...(ac ? acNeeds(ac) : {}), departAt };
  const wattsPerA = context.dc?.find((evse) => evse.evseId === evseId)?.wattsPerA;
  return { ...NOTHING, ...(dc ? dcNeeds(dc, wattsPerA) : {}), departAt };
}

const rejected = (reasonCode: string) => ({ status: 'Rejected', statusInfo: { reasonCode } });

/**
 * `Processing` (K15.FR.05, K17.FR.05): the needs are on disk, the site is solved again, and the limit
 * comes as a TxProfile. `Accepted` would say that the schedule is there already. Without a running
 * transaction there is nothing that a TxProfile could be for (K01.FR.09), and with no figure that can
 * be there is nothing to solve: both are refused, and kept for the record.
 */
export const notifyEvChargingNeeds: Handler<z.infer<typeof hot.notifyEvChargingNeeds201>> = (
  context,
  call,
) => {
  const { evseId, chargingNeeds } = call.payload;
  if (!isKnownEvse(context, evseId, 'not-zero')) return refuse('payload/evseId: is no EVSE of this station');
  const running = sessionAt(context, evseId);
  if (running === null) return answer(rejected('TxNotFound'), notified(context, call));
  const said = needsOf(context, evseId, chargingNeeds);
  if (Object.values(said).every((value) => value === null))
    return answer(rejected('InvalidValue'), notified(context, call));
  const data: Needs = {
    station: context.station,
    evseId,
    session: running.session,
    source: 'iso15118',
    ...said,
  };
  const event = { type: 'ChargingNeedsNotified' as const, data };
  return answer({ status: 'Processing' }, messageEvent(context, call, event));
};
