// A node id made from a station id.

const CHARS_MAX = 64;

/** The station id as a slug, with a number behind it where that is taken. */
export function uniqueSlug(text: string, isTaken: (slug: string) => boolean): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const base = (plain === '' ? 'station' : plain).slice(0, CHARS_MAX - 8);
  if (!isTaken(base)) return base;
  let number = 2;
  while (isTaken(`${base}-${number}`)) number++;
  return `${base}-${number}`;
}
