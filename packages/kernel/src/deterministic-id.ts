// Ids that follow from what they name (RFC 9562, version 5), so that doing a thing twice names it once.

import { hash } from 'node:crypto';

const AMPLEDGER = Buffer.from('6f1e1c6e0f0d5a589d393f6f3c1f6c3b', 'hex');
/** Every event has such an id, so the bytes to hash are not allocated each time. */
const scratch = Buffer.alloc(2_048);
AMPLEDGER.copy(scratch);

/** The UUID of a natural key. The parts are joined so that ('a','bc') and ('ab','c') differ. */
export function deterministicId(...parts: readonly (string | number)[]): string {
  const digest = hash('sha1', named(JSON.stringify(parts)), 'hex');
  // The variant is the two highest bits of the ninth octet: 10.
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 3) | 8).toString(16);
  const clock = `${variant}${digest.slice(17, 20)}`;
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${clock}-${digest.slice(20, 32)}`;
}

/** The namespace and the name, as bytes. */
function named(name: string): Buffer {
  const fits = AMPLEDGER.length + name.length * 3 <= scratch.length;
  if (!fits) return Buffer.concat([AMPLEDGER, Buffer.from(name)]);
  return scratch.subarray(0, AMPLEDGER.length + scratch.write(name, AMPLEDGER.length));
}
