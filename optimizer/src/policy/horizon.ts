// Who among cars that share one capacity gets how much until it leaves. With the capacity as it is now, the
// energies that can be delivered by everybody's departure form a polymatroid: of all its fair points the one
// that is max-min gives the most energy in all as well, so that fairness costs nothing there. Energies
// e (Ah, by car) with rates up to m and stays h are possible if and only if for every span d from now on
//   sum of max(0, e − m·max(0, h − d)) ≤ capacity·d,
// the charge that cannot be put off beyond d (windows that all begin now are nested, so that no other
// set of moments says more). It is raised like a filling: all together, until a span is full; whoever
// would need more in that span stays, the others go on.

/** By stay. */
export interface Stays {
  /** Amperes, above 0. */
  readonly mostA: Float64Array;
  /** Hours until it leaves, above 0. */
  readonly hours: Float64Array;
  /** What it can still use, Ah. */
  readonly needAh: Float64Array;
  /** What it has had, Ah. */
  readonly hadAh: Float64Array;
  /** Level for one unit: what it has had and will get are compared after division by this. Above 0. */
  readonly weight: Float64Array;
}

const TINY_AH = 1e-9;
const ROUNDS_MAX = 64;
const SEARCH_MAX = 64;

/** Amperes-hours by stay. */
export function aims(stays: Stays, capacityA: number): Float64Array {
  const all = arraysOf(stays);
  const { most, weight, hadAh, mostA, hours, aim, isOpen, count } = all;
  let open = count;
  for (let round = 0; round < ROUNDS_MAX && open > 0; round++) {
    let level = 0;
    for (let i = 0; i < count; i++) {
      if (isOpen[i] === 0) continue;
      level = Math.max(level, ((most[i] as number) + (hadAh[i] as number)) / (weight[i] as number));
    }
    let span = -1;
    rise(all, level);
    for (let k = 0; k < SEARCH_MAX; k++) {
      const over = worstSpan(all, capacityA);
      if (over < 0) break;
      span = over;
      level = levelThatFits(all, { span, capacityA, above: level });
    }
    if (span < 0) break;
    const before = open;
    for (let i = 0; i < count; i++) {
      if (isOpen[i] === 0) continue;
      const later = (mostA[i] as number) * Math.max(0, (hours[i] as number) - span);
      if ((aim[i] as number) < later - TINY_AH) continue;
      isOpen[i] = 0;
      open--;
    }
    if (open === before) break;
  }
  return aim;
}

interface Arrays extends Stays {
  readonly count: number;
  /** The most that it can have at all, Ah. */
  readonly most: Float64Array;
  readonly aim: Float64Array;
  /** 1 while it rises with the others. */
  readonly isOpen: Uint8Array;
  /** What it could put off beyond the span that is looked at, Ah. */
  readonly later: Float64Array;
  /** The moments of a sweep, hours, and by how much what presses then changes, A; and their order. */
  readonly atH: Float64Array;
  readonly slopeA: Float64Array;
  readonly order: Uint32Array;
}

/** Written and read within one call of `aims`, and grown to the most cars that ever shared. */
let spare = createSpare(16);

function createSpare(count: number) {
  return {
    most: new Float64Array(count),
    later: new Float64Array(count),
    isOpen: new Uint8Array(count),
    atH: new Float64Array(2 * count),
    slopeA: new Float64Array(2 * count),
    order: new Uint32Array(2 * count),
  };
}

function arraysOf({ mostA, hours, needAh, hadAh, weight }: Stays): Arrays {
  const count = mostA.length;
  if (spare.most.length < count) spare = createSpare(2 * count);
  const { most, later, isOpen, atH, slopeA, order } = spare;
  for (let i = 0; i < count; i++)
    most[i] = Math.min(needAh[i] as number, (mostA[i] as number) * (hours[i] as number));
  isOpen.fill(1, 0, count);
  const aim = new Float64Array(count);
  return { count, mostA, hours, needAh, hadAh, weight, most, later, isOpen, atH, slopeA, order, aim };
}

function rise({ count, isOpen, weight, hadAh, most, aim }: Arrays, level: number): void {
  for (let i = 0; i < count; i++) {
    if (isOpen[i] === 1)
      aim[i] = Math.min(most[i] as number, Math.max(0, (weight[i] as number) * level - (hadAh[i] as number)));
  }
}

/** The most that a level can be while the charge that cannot be put off beyond `span` fits in it. */
function levelThatFits(
  all: Arrays,
  { span, capacityA, above }: { span: number; capacityA: number; above: number },
): number {
  const { count, mostA, hours, later } = all;
  for (let i = 0; i < count; i++) later[i] = (mostA[i] as number) * Math.max(0, (hours[i] as number) - span);
  let low = 0;
  let high = above;
  for (let k = 0; k < 50; k++) {
    const middle = (low + high) / 2;
    rise(all, middle);
    if (pressing(all) > capacityA * span) high = middle;
    else low = middle;
  }
  rise(all, low);
  return low;
}

function pressing({ count, aim, later }: Arrays): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const rest = (aim[i] as number) - (later[i] as number);
    if (rest > 0) sum += rest;
  }
  return sum;
}

/**
 * The span that is over by most, or -1. What presses is linear between the moments at which a car begins to
 * press (its laxity) and at which it leaves: a sweep over these.
 */
function worstSpan(
  { count, mostA, hours, aim, atH, slopeA: changes, order }: Arrays,
  capacityA: number,
): number {
  let events = 0;
  const happens = (moment: number, changeA: number): void => {
    atH[events] = moment;
    changes[events] = changeA;
    order[events] = events;
    events++;
  };
  let pressingAh = 0;
  let slopeA = 0;
  for (let i = 0; i < count; i++) {
    const most = mostA[i] as number;
    const laxity = (hours[i] as number) - (aim[i] as number) / most;
    if (laxity > 0) happens(laxity, most);
    else {
      pressingAh -= laxity * most;
      slopeA += most;
    }
    happens(hours[i] as number, -most);
  }
  // Those of one moment in the order in which they were found.
  order.subarray(0, events).sort((a, b) => (atH[a] as number) - (atH[b] as number) || a - b);
  let [at, worst, where] = [0, TINY_AH * count, -1];
  for (let k = 0; k < events; k++) {
    const event = order[k] as number;
    pressingAh += slopeA * ((atH[event] as number) - at);
    at = atH[event] as number;
    slopeA += changes[event] as number;
    const over = pressingAh - capacityA * at;
    if (over > worst * (1 + 1e-9)) [worst, where] = [over, at];
  }
  return where;
}
