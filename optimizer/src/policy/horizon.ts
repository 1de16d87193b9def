// Who among cars that share one capacity gets how much until it leaves. With the capacity as it is now, the
// energies that can be delivered by everybody's departure form a polymatroid: of all its fair points the one
// that is max-min gives the most energy in all as well, so that fairness costs nothing there. Energies
// e (Ah, by car) with rates up to m and stays h are possible if and only if for every span d from now on
//   sum of max(0, e − m·max(0, h − d)) ≤ capacity·d,
// the charge that cannot be put off beyond d (windows that all begin now are nested, so that no other
// set of moments says more). It is raised like a filling: all together, until a span is full; whoever
// would need more in that span stays, the others go on.

export interface Stay {
  /** Amperes, above 0. */
  readonly mostA: number;
  /** Hours until it leaves, above 0. */
  readonly hours: number;
  /** What it can still use, Ah. */
  readonly needAh: number;
  /** What it has had, Ah. */
  readonly hadAh: number;
  /** Level for one unit: what it has had and will get are compared after division by this. Above 0. */
  readonly weight: number;
}

const TINY_AH = 1e-9;
const ROUNDS_MAX = 64;
const SEARCH_MAX = 64;

/** Amperes-hours by stay. */
export function aims(stays: readonly Stay[], capacityA: number): Float64Array {
  const most = Float64Array.from(stays, ({ mostA, hours, needAh }) => Math.min(needAh, mostA * hours));
  const aim = new Float64Array(stays.length);
  const open = new Set(stays.keys());
  const rise = (level: number): void => {
    for (const i of open) {
      const { weight, hadAh } = stays[i] as Stay;
      aim[i] = Math.min(most[i] as number, Math.max(0, weight * level - hadAh));
    }
  };
  for (let round = 0; round < ROUNDS_MAX && open.size > 0; round++) {
    let level = 0;
    for (const i of open) {
      const { weight, hadAh } = stays[i] as Stay;
      level = Math.max(level, ((most[i] as number) + hadAh) / weight);
    }
    let span = -1;
    rise(level);
    for (let k = 0; k < SEARCH_MAX; k++) {
      const over = worstSpan(stays, aim, capacityA);
      if (over < 0) break;
      span = over;
      level = levelThatFits(stays, aim, rise, { span, capacityA, above: level });
    }
    if (span < 0) break;
    const before = open.size;
    for (const i of open) {
      const { mostA, hours } = stays[i] as Stay;
      const later = mostA * Math.max(0, hours - span);
      if ((aim[i] as number) >= later - TINY_AH) open.delete(i);
    }
    if (open.size === before) break;
  }
  return aim;
}

/** The most that a level can be while the charge that cannot be put off beyond `span` fits in it. */
function levelThatFits(
  stays: readonly Stay[],
  aim: Float64Array,
  rise: (level: number) => void,
  { span, capacityA, above }: { span: number; capacityA: number; above: number },
): number {
  let low = 0;
  let high = above;
  for (let k = 0; k < 50; k++) {
    const middle = (low + high) / 2;
    rise(middle);
    if (pressing(stays, aim, span) > capacityA * span) high = middle;
    else low = middle;
  }
  rise(low);
  return low;
}

function pressing(stays: readonly Stay[], aim: Float64Array, span: number): number {
  let sum = 0;
  for (let i = 0; i < stays.length; i++) {
    const { mostA, hours } = stays[i] as Stay;
    const rest = (aim[i] as number) - mostA * Math.max(0, hours - span);
    if (rest > 0) sum += rest;
  }
  return sum;
}

/**
 * The span that is over by most, or -1. What presses is linear between the moments at which a car begins to
 * press (its laxity) and at which it leaves: a sweep over these.
 */
function worstSpan(stays: readonly Stay[], aim: Float64Array, capacityA: number): number {
  const events: (readonly [atH: number, slopeA: number])[] = [];
  let pressingAh = 0;
  let slopeA = 0;
  stays.forEach(({ mostA, hours }, i) => {
    const laxity = hours - (aim[i] as number) / mostA;
    if (laxity > 0) events.push([laxity, mostA]);
    else {
      pressingAh -= laxity * mostA;
      slopeA += mostA;
    }
    events.push([hours, -mostA]);
  });
  events.sort((a, b) => a[0] - b[0]);
  let [at, worst, where] = [0, TINY_AH * stays.length, -1];
  for (const [next, change] of events) {
    pressingAh += slopeA * (next - at);
    at = next;
    slopeA += change;
    const over = pressingAh - capacityA * at;
    if (over > worst * (1 + 1e-9)) [worst, where] = [over, at];
  }
  return where;
}
