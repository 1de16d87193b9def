// A car: what it accepts depends on how much it has taken. The acceptance curve is a staircase,
// so that a draw is constant between events and energy adds up exactly.

export type CarPhases = 1 | 2 | 3;

export interface CarNeeds {
  /** Into the battery, from plugging in. */
  readonly energyWh?: number;
  /** By a clock that is right, epoch milliseconds. */
  readonly departAt?: number;
}

export interface CarSpec {
  /** Uses the station's first n phases. */
  readonly phases: CarPhases;
  readonly maxA: number;
  /** IEC 61851-1: a car charges with 6 A or not at all. */
  readonly minA?: number;
  /** From plugging in to full. */
  readonly energyNeedWh: number;
  /** Battery size, for the state of charge; default twice the need. */
  readonly batteryWh?: number;
  /** State of charge, 0 to 1, from which it draws less and less. Default: no taper. */
  readonly taperFromSoc?: number;
  /** Spans of delivered energy in which it draws far less than it is offered: a cold battery, a busy heater. */
  readonly modest?: readonly { readonly fromWh: number; readonly toWh: number; readonly maxA: number }[];
  /** From these amounts of delivered energy on it uses other phases: a charger that loses one, or takes one more. */
  readonly phaseChanges?: readonly { readonly fromWh: number; readonly phases: CarPhases }[];
  /** What its driver, or the car itself, says when a transaction begins; without it nothing is said. */
  readonly says?: CarNeeds;
  /** How long it takes to follow a new limit, at most; seconds. Default 5. */
  readonly lagSMax?: number;
}

export interface Stage {
  readonly fromWh: number;
  readonly maxA: number;
  readonly phases: CarPhases;
}

type Taper = Omit<Stage, 'phases'>;

const TAPER_STEPS = 5;

const capacityWh = (spec: CarSpec): number => spec.batteryWh ?? spec.energyNeedWh * 2;

/** State of charge after `deliveredWh`: the need is what is missing to full. */
export const socOf = (spec: CarSpec, deliveredWh: number): number =>
  Math.max(0, Math.min(1, 1 - (spec.energyNeedWh - deliveredWh) / capacityWh(spec)));

const minimumA = (spec: CarSpec): number => spec.minA ?? 6;

function taperStages(spec: CarSpec): readonly Taper[] {
  if (spec.taperFromSoc === undefined) return [];
  const startWh = Math.max(0, spec.energyNeedWh - (1 - spec.taperFromSoc) * capacityWh(spec));
  const stepWh = (spec.energyNeedWh - startWh) / TAPER_STEPS;
  return Array.from({ length: TAPER_STEPS }, (_, k) => ({
    fromWh: startWh + k * stepWh,
    maxA: Math.max(minimumA(spec), spec.maxA * (1 - (k + 1) / (TAPER_STEPS + 1))),
  }));
}

const stageAt = (stages: readonly Taper[], wh: number, otherwiseA: number): number =>
  stages.findLast((stage) => stage.fromWh <= wh)?.maxA ?? otherwiseA;

const phasesAt = ({ phases, phaseChanges = [] }: CarSpec, wh: number): CarPhases =>
  phaseChanges.findLast((change) => change.fromWh <= wh)?.phases ?? phases;

/** The staircase, lowest energy first; its last stage is full: zero. */
export function stagesOf(spec: CarSpec): readonly Stage[] {
  const taper = taperStages(spec);
  const modest = spec.modest ?? [];
  const edges = [
    0,
    ...taper.map((stage) => stage.fromWh),
    ...modest.flatMap((span) => [span.fromWh, span.toWh]),
    ...(spec.phaseChanges ?? []).map((change) => change.fromWh),
  ]
    .filter((wh) => wh >= 0 && wh < spec.energyNeedWh)
    .sort((a, b) => a - b);
  const stages = [...new Set(edges)].map((fromWh) => {
    const spans = modest.filter((span) => span.fromWh <= fromWh && fromWh < span.toWh);
    return {
      fromWh,
      maxA: Math.min(spec.maxA, stageAt(taper, fromWh, spec.maxA), ...spans.map((span) => span.maxA)),
      phases: phasesAt(spec, fromWh),
    };
  });
  const phases = phasesAt(spec, spec.energyNeedWh);
  return [...stages, { fromWh: spec.energyNeedWh, maxA: 0, phases }];
}

export interface Car {
  readonly spec: CarSpec;
  readonly minA: number;
  readonly stages: readonly Stage[];
  deliveredWh: number;
  /** Index into `stages`. */
  stage: number;
}

export const createCar = (spec: CarSpec): Car => ({
  spec,
  minA: minimumA(spec),
  stages: stagesOf(spec),
  deliveredWh: 0,
  stage: 0,
});

/** A ten-thousandth of a watt-hour: what a millisecond's rounding may leave. */
const CLOSE_WH = 1e-4;

/** Takes energy and steps on along the staircase. */
export function charge(car: Car, wh: number): void {
  car.deliveredWh += wh;
  while (car.deliveredWh >= (car.stages[car.stage + 1]?.fromWh ?? Number.POSITIVE_INFINITY) - CLOSE_WH)
    car.stage++;
}

export const phasesOf = (car: Car): CarPhases => car.stages[car.stage]?.phases ?? car.spec.phases;

export const isFull = (car: Car): boolean => car.stage === car.stages.length - 1;

/** What it draws per phase when it may draw `offerA`. */
export function drawOf(car: Car, offerA: number): number {
  const drawA = Math.min(offerA, car.stages[car.stage]?.maxA ?? 0);
  return drawA < car.minA ? 0 : drawA;
}

/** Energy to the next step of the staircase. */
export const toNextStageWh = (car: Car): number =>
  (car.stages[car.stage + 1]?.fromWh ?? Number.POSITIVE_INFINITY) - car.deliveredWh;
