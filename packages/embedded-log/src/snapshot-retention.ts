// Which snapshots to keep: the newest few of a name for a quick start, and of the older ones the
// last of each day, for a quick look into the past.

export interface SnapshotPlace {
  readonly position: number;
  readonly receivedAt: number;
}

export interface SnapshotRetention {
  readonly newest: number;
  readonly days: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The ones to delete. `places` belong to one name and one fold version. */
export function surplusSnapshots<T extends SnapshotPlace>(
  places: readonly T[],
  keep: SnapshotRetention,
): T[] {
  const newestFirst = places.toSorted((a, b) => b.position - a.position);
  const days = new Set<number>();
  return newestFirst.filter((place, i) => {
    const day = Math.floor(place.receivedAt / DAY_MS);
    const isLastOfDay = !days.has(day) && days.size < keep.days;
    if (isLastOfDay) days.add(day);
    return !isLastOfDay && i >= keep.newest;
  });
}
