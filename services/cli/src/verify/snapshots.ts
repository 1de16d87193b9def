// Every snapshot kept, against the state that the events up to it give.

import { isDeepStrictEqual } from 'node:util';
import { FOLD_VERSION, type SiteState, serializeState } from '@ampledger/domain';
import type { SiteId } from '@ampledger/kernel';
import type { SnapshotStore } from '@ampledger/ports';
import type { Findings } from './finding.js';

export class SnapshotCheck {
  readonly #store: SnapshotStore;
  readonly #findings: Findings;
  /** Positions by site, lowest first. */
  readonly #due: ReadonlyMap<string, number[]>;

  constructor(store: SnapshotStore, due: ReadonlyMap<string, number[]>, findings: Findings) {
    this.#store = store;
    this.#due = due;
    this.#findings = findings;
  }

  /** To be called before the site's next event, at `position`, and once after its last. */
  async beforeEvent(site: SiteId, state: SiteState | undefined, position: number): Promise<void> {
    const due = this.#due.get(site);
    while (due !== undefined && due[0] !== undefined && due[0] < position)
      await this.#compare(site, state, due.shift() ?? 0);
  }

  /** Whether `beforeEvent` has anything to do: asked for each event, and hardly ever so. */
  isDue(site: SiteId, position: number): boolean {
    const next = this.#due.get(site)?.[0];
    return next !== undefined && next < position;
  }

  async #compare(site: SiteId, state: SiteState | undefined, position: number): Promise<void> {
    this.#findings.checked('snapshots');
    const found = await this.#store.latest({
      name: site,
      foldVersion: FOLD_VERSION,
      notAfterPosition: position,
    });
    if (found?.position !== position) {
      this.#findings.failed('snapshots', position, `the snapshot of ${site} is damaged`);
      return;
    }
    if (state === undefined) {
      this.#findings.failed(
        'snapshots',
        position,
        `there is a snapshot of ${site}, but the events give no such site`,
      );
      return;
    }
    const rebuilt: unknown = JSON.parse(JSON.stringify(serializeState({ ...state, position })));
    if (isDeepStrictEqual(rebuilt, found.state)) return;
    this.#findings.failed(
      'snapshots',
      position,
      `the snapshot of ${site} differs from the rebuilt state in ${differingField(rebuilt, found.state)}`,
    );
  }
}

function differingField(rebuilt: unknown, kept: object): string {
  const ours = rebuilt as Readonly<Record<string, unknown>>;
  const theirs = kept as Readonly<Record<string, unknown>>;
  const fields = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  return fields.filter((field) => !isDeepStrictEqual(ours[field], theirs[field])).join(', ');
}

export async function startSnapshotCheck(store: SnapshotStore, findings: Findings): Promise<SnapshotCheck> {
  const due = new Map<string, number[]>();
  for (const { name, position, foldVersion } of await store.list()) {
    if (foldVersion === FOLD_VERSION) due.set(name, [...(due.get(name) ?? []), position]);
  }
  for (const positions of due.values()) positions.sort((a, b) => a - b);
  return new SnapshotCheck(store, due, findings);
}
