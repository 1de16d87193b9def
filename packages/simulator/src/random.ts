// Seeded randomness: the same seed gives the same stations, cars and mishaps on every machine.

/** A number in [0, 1). */
export type Random = () => number;

/** FNV-1a, so that names can be seeds. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** mulberry32: 32 bits of state, fast, and good enough for arrivals and mishaps. */
export function createRandom(seed: number | string): Random {
  let state = typeof seed === 'string' ? hash(seed) : hash(`#${seed}`);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const between = (random: Random, low: number, high: number): number => low + random() * (high - low);
export const chance = (random: Random, probability: number): boolean => random() < probability;

/** About normal: twelve uniform numbers have variance 1. */
export function around(random: Random, mean: number, deviation: number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return mean + sum * deviation;
}

/** Time to the next of events that happen every `mean` on average. */
export const waitingTime = (random: Random, mean: number): number => -Math.log(1 - random()) * mean;

/** One of the values, each as likely as its weight says. */
export function weighted<T>(random: Random, choices: readonly (readonly [weight: number, value: T])[]): T {
  let left = random() * choices.reduce((sum, [weight]) => sum + weight, 0);
  let last: T | undefined;
  for (const [weight, value] of choices) {
    last = value;
    left -= weight;
    if (left < 0) return value;
  }
  return last as T;
}

/** A random version 4 UUID. */
export function uuidFrom(random: Random): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = '4';
  hex[16] = (8 + Math.floor(random() * 4)).toString(16);
  const part = (from: number, to: number) => hex.slice(from, to).join('');
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
}
