// Tells one message from another, for the memory of answers and for the ids of events.

import { createHmac, hash } from 'node:crypto';

/**
 * 160 bits of a frame's text. Keyed, because event ids are made of it: without the key nobody who has
 * the events can try out which id token was in the text.
 */
export function createTextDigest(key: Buffer): (text: string) => string {
  const secret = createHmac('sha256', key).update('text digest').digest('base64');
  return (text) => hash('sha1', secret + text, 'base64');
}
