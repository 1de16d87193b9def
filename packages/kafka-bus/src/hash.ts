// 64 bits out of two strings, in two halves. Not for secrets: whoever may publish could make two of his own
// events look alike, and would lose the second.

export interface Hash {
  low: number;
  high: number;
}

export function hashOf(first: string, second: string, into: Hash): Hash {
  let low = 0xdeadbeef ^ first.length;
  let high = 0x41c6ce57 ^ second.length;
  for (let i = 0; i < first.length; i++) {
    const code = first.charCodeAt(i);
    low = Math.imul(low ^ code, 0x9e3779b1);
    high = Math.imul(high ^ code, 0x5f356495);
    high ^= low >>> 15;
  }
  for (let i = 0; i < second.length; i++) {
    const code = second.charCodeAt(i);
    low = Math.imul(low ^ code, 0x85ebca77);
    high = Math.imul(high ^ code, 0xc2b2ae3d);
    high ^= low >>> 15;
  }
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  into.low = low >>> 0;
  into.high = high >>> 0;
  return into;
}
