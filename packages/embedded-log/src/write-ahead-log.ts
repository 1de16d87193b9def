// Looks into SQLite's write-ahead log before SQLite does. SQLite ends the log silently at the first
// frame that does not check out; that is right for a commit torn by a crash and wrong for damage
// before commits that were acknowledged. This tells the two apart.
// Format: sqlite.org/fileformat2.html#walformat

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

export type WalState =
  | { readonly kind: 'clean' }
  /** Bytes of a commit that never finished. */
  | { readonly kind: 'torn'; readonly bytes: number }
  /** Damage at `offset` with finished commits behind it. */
  | { readonly kind: 'damaged'; readonly offset: number };

interface Frame {
  readonly offset: number;
  readonly page: number;
  readonly isCommit: boolean;
  /** Belongs to this generation of the file; others are leftovers of earlier ones. */
  readonly isCurrent: boolean;
  readonly isValid: boolean;
}

export function inspectWal(wal: Buffer): WalState {
  if (wal.length === 0) return { kind: 'clean' };
  const frames = readFrames(wal);
  if (frames === undefined) return headerDamage(wal);
  const firstBad = frames.findIndex((frame) => !frame.isValid);
  const validCount = firstBad < 0 ? frames.length : firstBad;
  const committed = frames.slice(0, validCount).findLastIndex((frame) => frame.isCommit) + 1;
  const lastCurrent = frames.findLastIndex((frame) => frame.isCurrent);
  const tail = frames.slice(committed, lastCurrent + 1);
  const partialBytes = lastCurrent === frames.length - 1 ? partialFrameBytes(wal, frames) : 0;
  const bytes = tail.length * frameBytes(wal) + partialBytes;
  if (bytes === 0) return { kind: 'clean' };
  if (holdsFinishedCommit(tail)) return { kind: 'damaged', offset: frames[validCount]?.offset ?? 0 };
  return { kind: 'torn', bytes };
}

/**
 * The next commit begins only when the one before is on disk. So two commits in what SQLite
 * would drop mean that the first of them had been finished. A page stands once in a commit.
 */
function holdsFinishedCommit(tail: readonly Frame[]): boolean {
  const firstCommit = tail.findIndex((frame) => frame.isCommit);
  const pages = new Set(tail.map((frame) => frame.page));
  return (firstCommit >= 0 && firstCommit < tail.length - 1) || pages.size < tail.length;
}

/** A header is written with the first frame after a restart of the log: alone it may be torn. */
function headerDamage(wal: Buffer): WalState {
  const size = HEADER_BYTES + FRAME_HEADER_BYTES;
  return wal.length <= size ? { kind: 'torn', bytes: wal.length } : { kind: 'damaged', offset: 0 };
}

const pageBytes = (wal: Buffer): number => wal.readUInt32BE(8);
const frameBytes = (wal: Buffer): number => FRAME_HEADER_BYTES + pageBytes(wal);
const partialFrameBytes = (wal: Buffer, frames: readonly Frame[]): number =>
  wal.length - HEADER_BYTES - frames.length * frameBytes(wal);

function readFrames(wal: Buffer): Frame[] | undefined {
  if (wal.length < HEADER_BYTES) return undefined;
  const bigEndian = (wal.readUInt32BE(0) & 1) === 1;
  if ((wal.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) return undefined;
  let sum = checksum(wal.subarray(0, 24), [0, 0], bigEndian);
  if (sum[0] !== wal.readUInt32BE(24) || sum[1] !== wal.readUInt32BE(28)) return undefined;
  const frames: Frame[] = [];
  const size = frameBytes(wal);
  let valid = true;
  for (let offset = HEADER_BYTES; offset + size <= wal.length; offset += size) {
    const isCurrent = wal.compare(wal, 16, 24, offset + 8, offset + 16) === 0;
    if (valid) {
      sum = checksum(wal.subarray(offset, offset + 8), sum, bigEndian);
      sum = checksum(wal.subarray(offset + FRAME_HEADER_BYTES, offset + size), sum, bigEndian);
      valid =
        isCurrent && sum[0] === wal.readUInt32BE(offset + 16) && sum[1] === wal.readUInt32BE(offset + 20);
    }
    const isCommit = wal.readUInt32BE(offset + 4) !== 0;
    frames.push({ offset, page: wal.readUInt32BE(offset), isCommit, isCurrent, isValid: valid });
  }
  return frames;
}

function checksum(bytes: Buffer, seed: readonly [number, number], bigEndian: boolean): [number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [a, b] = seed;
  for (let i = 0; i < bytes.length; i += 8) {
    a = (a + b + view.getUint32(i, !bigEndian)) >>> 0;
    b = (a + b + view.getUint32(i + 4, !bigEndian)) >>> 0;
  }
  return [a, b];
}
