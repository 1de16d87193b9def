// A binary heap of leaves by key; equal keys by leaf, so that the order is never chance.

import type { RoundingScratch } from './scratch.js';

export function push({ heap, heapKey, counts }: RoundingScratch, key: number, leaf: number): void {
  let at = counts.heap++;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(key, leaf, heapKey[above] as number, heap[above] as number)) break;
    heapKey[at] = heapKey[above] as number;
    heap[at] = heap[above] as number;
    at = above;
  }
  heapKey[at] = key;
  heap[at] = leaf;
}

/** Takes the leaf with the lowest key out; there must be one. */
export function pop({ heap, heapKey, counts }: RoundingScratch): number {
  const first = heap[0] as number;
  const size = --counts.heap;
  const key = heapKey[size] as number;
  const leaf = heap[size] as number;
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    const other = child + 1;
    if (
      other < size &&
      isBefore(
        heapKey[other] as number,
        heap[other] as number,
        heapKey[child] as number,
        heap[child] as number,
      )
    )
      child = other;
    if (!isBefore(heapKey[child] as number, heap[child] as number, key, leaf)) break;
    heapKey[at] = heapKey[child] as number;
    heap[at] = heap[child] as number;
    at = child;
  }
  heapKey[at] = key;
  heap[at] = leaf;
  return first;
}

const isBefore = (key: number, leaf: number, otherKey: number, otherLeaf: number): boolean =>
  key < otherKey || (key === otherKey && leaf < otherLeaf);
