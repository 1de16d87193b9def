// Parts that the forms share.

import { SLUG } from '@ampledger/kernel';
import { z } from 'zod';

const SLUG_WORDS = 'lower-case letters, digits and inner hyphens, at most 64, such as `feeder-a`';
export const slug = () => z.string({ error: SLUG_WORDS }).regex(SLUG, { error: SLUG_WORDS });
export const textOf = (charsMax: number) =>
  z.string({ error: 'text' }).max(charsMax, { error: `text of at most ${charsMax} characters` });
export const wholeNumber = (min: number, max: number, what: string) => {
  const error = `${what}, a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

/** An object that knows its keys: a wrong one is answered with the right ones. */
export function section<T extends z.core.$ZodLooseShape>(what: string, shape: T) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `one of: ${keys}` : `${what} with ${keys}`),
  });
}
