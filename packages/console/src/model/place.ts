// Where the page stands, kept in the address after `#`: a site and a moment can be bookmarked and sent.

export interface Place {
  readonly site: string | null;
  /** Epoch milliseconds; null is live. */
  readonly moment: number | null;
}

export function readPlace(hash: string): Place {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const at = Date.parse(words.get('at') ?? '');
  return { site: words.get('site'), moment: Number.isNaN(at) ? null : at };
}

export function writePlace({ site, moment }: Place): string {
  const words = new URLSearchParams();
  if (site !== null) words.set('site', site);
  if (moment !== null) words.set('at', new Date(moment).toISOString());
  return words.size === 0 ? '' : `#${words}`.replaceAll('%3A', ':');
}
