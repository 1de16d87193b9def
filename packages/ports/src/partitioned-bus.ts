// A bus in partitions: each is a log of its own, with its own order; a key belongs to one of them.

import { invariant } from '@ampledger/kernel';
import type { Bus, Published } from './bus.js';
import type { NewEvent } from './event.js';

export interface Place {
  readonly partition: number;
  /** From 0. */
  readonly offset: number;
}

/**
 * One number for a place, so that an event has one position wherever it is: unique over all
 * partitions, strictly increasing within each, from 1. Holds as long as the number of partitions does.
 */
export function positionOf({ partition, offset }: Place, partitions: number): number {
  const position = offset * partitions + partition + 1;
  invariant(Number.isSafeInteger(position), 'a position is an exact number');
  return position;
}

export function placeOf(position: number, partitions: number): Place {
  const index = position - 1;
  return { partition: index % partitions, offset: Math.floor(index / partitions) };
}

/** Every position of the partition that is at or before the offset is at or before this; -1 gives 0. */
export const positionThrough = (place: Place, partitions: number): number =>
  place.offset < 0 ? 0 : positionOf(place, partitions);

export interface PartitionedBus {
  readonly topic: string;
  readonly partitions: number;
  partitionOf(key: string): number;
  /**
   * One partition as a bus, with the positions of `positionOf`. A message that cannot be read is never
   * handed over, and stops nobody. Its `publish` takes keys of this partition only (INVALID otherwise).
   */
  partition(partition: number): Bus;
  /** Events of any keys: in order, all or none for each partition; otherwise as `Bus.publish`. */
  publish(events: readonly NewEvent[]): Promise<readonly Published[]>;
  /** Offsets that the partition holds now: `[first, next)`. */
  offsets(partition: number): Promise<{ readonly first: number; readonly next: number }>;
  close(): Promise<void>;
}

/** Which partitions of a bus this process may decide for, as the members of one group share them out. */
export interface Ownership {
  /** Those assigned now. */
  owned(): ReadonlySet<number>;
  /** Rejects when membership is lost for good: the process should end. */
  readonly failed: Promise<never>;
  /** Keeps how far a partition's events are dealt with downstream, for those who watch the group's lag. */
  commit(place: Place): Promise<void>;
  /** Leaves the group, so that the others take over at once. */
  close(): Promise<void>;
}

export interface OwnershipListener {
  /**
   * The partition is this process's from now on. Called again, without `revoked` before it, for one that
   * stays through a rebalance: somebody else may have had it meanwhile, so ownership is to be claimed anew.
   */
  assigned(partition: number): void;
  /** The partition is lost, or will be: called at the first sign of a rebalance that takes it away. */
  revoked(partition: number): void;
}
