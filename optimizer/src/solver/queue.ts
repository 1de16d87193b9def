// A binary heap of links by level, in two arrays of the scratch; equal levels by link, so that the
// order is never chance.

import { COUNT, type Scratch } from './scratch.js';

/** Puts an entry behind the others, in no order; `heapify` orders them all. */
export function append({ heapKey, heapLink, counts }: Scratch, key: number, link: number): void {
  const size = counts[COUNT.heap] as number;
  heapKey[size] = key;
  heapLink[size] = link;
  counts[COUNT.heap] = size + 1;
}

export function heapify(scratch: Scratch): void {
  const size = scratch.counts[COUNT.heap] as number;
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(scratch, at);
}

/** Takes the first entry away. */
export function dropFirst(scratch: Scratch): void {
  const { heapKey, heapLink, counts } = scratch;
  const size = (counts[COUNT.heap] as number) - 1;
  counts[COUNT.heap] = size;
  heapKey[0] = heapKey[size] as number;
  heapLink[0] = heapLink[size] as number;
  sink(scratch, 0);
}

/** Moves the first entry to a level at or above its own. */
export function moveFirst(scratch: Scratch, key: number): void {
  scratch.heapKey[0] = key;
  sink(scratch, 0);
}

/** Moves the entry at a place forward to where it belongs. */
export function raiseLast({ heapKey, heapLink }: Scratch, from: number): void {
  const key = heapKey[from] as number;
  const link = heapLink[from] as number;
  let at = from;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(key, link, heapKey[above] as number, heapLink[above] as number)) break;
    heapKey[at] = heapKey[above] as number;
    heapLink[at] = heapLink[above] as number;
    at = above;
  }
  heapKey[at] = key;
  heapLink[at] = link;
}

function sink({ heapKey, heapLink, counts }: Scratch, from: number): void {
  const size = counts[COUNT.heap] as number;
  if (from >= size) return;
  const key = heapKey[from] as number;
  const link = heapLink[from] as number;
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    let childKey = heapKey[child] as number;
    const other = child + 1;
    if (other < size) {
      const otherKey = heapKey[other] as number;
      if (isBefore(otherKey, heapLink[other] as number, childKey, heapLink[child] as number)) {
        child = other;
        childKey = otherKey;
      }
    }
    if (!isBefore(childKey, heapLink[child] as number, key, link)) break;
    heapKey[at] = childKey;
    heapLink[at] = heapLink[child] as number;
    at = child;
  }
  heapKey[at] = key;
  heapLink[at] = link;
}

const isBefore = (key: number, link: number, otherKey: number, otherLink: number): boolean =>
  key < otherKey || (key === otherKey && link < otherLink);
