// Whether memory runs short: the heap against what V8 may take, and the process against what its container
// may. A process that is nearly full should get nothing new; if it stays so, it is better started again.

import { readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { type Clock, systemClock, type Timer } from '@ampledger/kernel';
import type { MetricDefinition, Metrics } from './metrics.js';

export const MEMORY_METRIC = 'ampledger_process_memory_used_ratio';
export const MEMORY_DEFINITIONS: readonly MetricDefinition[] = [
  {
    name: MEMORY_METRIC,
    kind: 'gauge',
    help: 'The fuller of heap and container, of what each may hold',
    labels: [],
  },
];

export interface MemoryReading {
  readonly heapBytes: number;
  readonly heapBytesMax: number;
  readonly processBytes: number;
  /** null: no bound. */
  readonly processBytesMax: number | null;
}

export interface MemoryWatchOptions {
  readonly metrics: Metrics;
  /** What the process may hold; default: what its container may. */
  readonly limitMb?: number;
  /** Called each time that memory becomes short. */
  readonly onHigh?: (usedShare: number) => void;
  readonly clock?: Clock;
  readonly read?: () => MemoryReading;
}

export interface MemoryWatch {
  /** For `Health.watch`. */
  reasons(): readonly string[];
  close(): void;
}

const LOOK_MS = 1_000;
const HIGH = 0.9;
/** It must fall this low to count as well again. */
const WELL = 0.85;

export function memoryWatch(options: MemoryWatchOptions): MemoryWatch {
  const { metrics, limitMb, onHigh, clock = systemClock } = options;
  const read =
    options.read ?? memoryReader(limitMb === undefined ? containerBytesMax() : limitMb * 1_048_576);
  let isHigh = false;
  let usedShare = 0;
  let timer: Timer;
  const look = (): void => {
    usedShare = shareOf(read());
    metrics.gauge(MEMORY_METRIC, usedShare);
    const wasHigh = isHigh;
    isHigh = usedShare > (wasHigh ? WELL : HIGH);
    if (isHigh && !wasHigh) onHigh?.(usedShare);
    timer = clock.after(LOOK_MS, look);
  };
  look();
  return {
    reasons: () => (isHigh ? [`memory is ${Math.round(usedShare * 100)} % full`] : []),
    close: () => timer.cancel(),
  };
}

const shareOf = ({ heapBytes, heapBytesMax, processBytes, processBytesMax }: MemoryReading): number =>
  Math.max(heapBytes / heapBytesMax, processBytesMax === null ? 0 : processBytes / processBytesMax);

function memoryReader(processBytesMax: number | null): () => MemoryReading {
  return () => {
    const { used_heap_size: heapBytes, heap_size_limit: heapBytesMax } = getHeapStatistics();
    return { heapBytes, heapBytesMax, processBytes: process.memoryUsage.rss(), processBytesMax };
  };
}

/** Where Linux says what a container may hold: cgroup version 2, then 1. */
const CGROUP_FILES = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];
/** Version 1 says "no bound" with a number beyond any machine. */
const NO_BOUND_BYTES = 2 ** 50;

export function containerBytesMax(files: readonly string[] = CGROUP_FILES): number | null {
  for (const path of files) {
    try {
      const bytes = Number(readFileSync(path, 'utf8'));
      if (bytes > 0 && bytes < NO_BOUND_BYTES) return bytes;
    } catch {
      // Not this version, or not Linux.
    }
  }
  return null;
}
