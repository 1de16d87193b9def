// Times as the story tells them: by the clock on the wall at the site, whose zone the story names once.

/** From an instant (epoch milliseconds or ISO 8601) to `2026-03-02 09:00:00`. */
export type SiteClock = (at: number | string) => string;

/** Of a zone that this release's tables do not know, it is UTC, as in the engine. */
export function siteClock(timeZone: string): SiteClock {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: isKnown(timeZone) ? timeZone : 'UTC',
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (at) => format.format(typeof at === 'string' ? Date.parse(at) : at);
}

/** `Europe/Berlin`, or what stands in for it. */
export const zoneName = (timeZone: string): string => (isKnown(timeZone) ? timeZone : `UTC for ${timeZone}`);

function isKnown(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
