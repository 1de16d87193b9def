// Which partition a key belongs to: murmur2, as every Kafka client has it, so that whoever else publishes to
// the topic agrees.

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

function murmur2(data: Buffer): number {
  const length = data.length;
  const whole = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(data.readInt32LE(i), M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  if (length > whole) {
    for (let i = length - 1; i >= whole; i--) h ^= data.readUInt8(i) << (8 * (i - whole));
    h = Math.imul(h, M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

const KEYS_MAX = 10_000;

/** Remembers keys: there are as many as sites. */
export function createPartitioner(partitions: number): (key: string) => number {
  const known = new Map<string, number>();
  return (key) => {
    const partition = known.get(key) ?? (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
    if (known.size >= KEYS_MAX) known.clear();
    known.set(key, partition);
    return partition;
  };
}
