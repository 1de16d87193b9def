import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '@ampledger/kernel';
import { afterAll, describe, expect, it } from 'vitest';
import { containerBytesMax, MEMORY_DEFINITIONS, type MemoryReading, memoryWatch } from './memory-watch.js';
import { createMetrics } from './metrics.js';

function watch(first: Partial<MemoryReading>) {
  const clock = new VirtualClock(0);
  const metrics = createMetrics({ definitions: MEMORY_DEFINITIONS, process: false });
  const full: number[] = [];
  let reading: MemoryReading = {
    heapBytes: 10,
    heapBytesMax: 100,
    processBytes: 10,
    processBytesMax: null,
    ...first,
  };
  const memory = memoryWatch({
    metrics,
    clock,
    onHigh: (usedShare) => void full.push(usedShare),
    read: () => reading,
  });
  const becomes = async (next: Partial<MemoryReading>): Promise<readonly string[]> => {
    reading = { ...reading, ...next };
    await clock.advance(1_000);
    return memory.reasons();
  };
  return { memory, metrics, full, becomes };
}

describe('memoryWatch', () => {
  it('says that the heap is nearly full until it is well again', async () => {
    const { memory, metrics, full, becomes } = watch({});
    expect(memory.reasons()).toEqual([]);
    expect(await becomes({ heapBytes: 90 })).toEqual([]);
    expect(await becomes({ heapBytes: 95 })).toEqual(['memory is 95 % full']);
    expect(await metrics.text()).toContain('ampledger_process_memory_used_ratio 0.95');
    expect(await becomes({ heapBytes: 88 })).toEqual(['memory is 88 % full']);
    expect(await becomes({ heapBytes: 80 })).toEqual([]);
    expect(full).toEqual([0.95]);
  });

  it('minds what the container may hold', () => {
    expect(watch({ processBytes: 96, processBytesMax: 100 }).memory.reasons()).toEqual([
      'memory is 96 % full',
    ]);
    expect(watch({ processBytes: 1e12 }).memory.reasons()).toEqual([]);
  });

  it('looks no further once it is closed', async () => {
    const { memory, becomes } = watch({});
    memory.close();
    expect(await becomes({ heapBytes: 99 })).toEqual([]);
  });

  it('reads what this process holds', () => {
    const metrics = createMetrics({ definitions: MEMORY_DEFINITIONS, process: false });
    const memory = memoryWatch({ metrics, limitMb: 1, clock: new VirtualClock(0) });
    expect(memory.reasons()).toEqual([expect.stringMatching(/^memory is \d{4,} % full$/)]);
    memory.close();
  });
});

describe('containerBytesMax', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ampledger-memory-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  it.each([
    [['536870912\n'], 536_870_912],
    [['max\n'], null],
    [['max\n', '1048576'], 1_048_576],
    [['9223372036854771712'], null],
    [[], null],
  ])('reads %j as %s', (texts, bytes) => {
    const files = texts.map((text, index) => {
      const path = join(directory, String(index));
      writeFileSync(path, text);
      return path;
    });
    expect(containerBytesMax([...files, join(directory, 'none')])).toBe(bytes);
  });
});
