// For information: how long links were counted over their ceiling by what the engine does not decide,
// such as a limit that falls, a load that rises, a station that disobeys. Looked at about once a
// second of the log's time, less often on large sites.

import { countedLoads, linkCapacities, type SiteState } from '@ampledger/domain';
import type { SiteId } from '@ampledger/kernel';
import { linkText, TOLERANCE } from './raises.js';

export interface Overload {
  readonly site: SiteId;
  readonly link: string;
  readonly from: number;
  readonly forMs: number;
}

const STEP_MS = 1_000;
/** A look at one connector takes about as much of this as of real time, a thousandth. */
const STEP_MS_PER_CONNECTOR = 10;

interface Watch {
  nextAt: number;
  readonly since: Map<number, number>;
}

export class OverloadWatch {
  readonly #sites = new Map<SiteId, Watch>();
  longest: Overload | null = null;
  /** The longest time between two looks, ms. */
  stepMs = STEP_MS;

  look(state: SiteState, at: number): void {
    const watch = this.#watch(state.site);
    if (at < watch.nextAt) return;
    const stepMs = Math.max(STEP_MS, state.connectors.size * STEP_MS_PER_CONNECTOR);
    this.stepMs = Math.max(this.stepMs, stepMs);
    watch.nextAt = at + stepMs;
    const { load } = countedLoads(state, at);
    const { ceiling } = linkCapacities(state, at);
    for (let link = 0; link < load.length; link++) {
      const isOver = (load[link] ?? 0) > (ceiling[link] ?? 0) + TOLERANCE;
      const since = watch.since.get(link);
      if (isOver) watch.since.set(link, since ?? at);
      if (since === undefined) continue;
      if (!isOver) watch.since.delete(link);
      this.#note(state, link, { from: since, forMs: at - since });
    }
  }

  #watch(site: SiteId): Watch {
    const known = this.#sites.get(site);
    if (known) return known;
    const made: Watch = { nextAt: 0, since: new Map() };
    this.#sites.set(site, made);
    return made;
  }

  #note(state: SiteState, link: number, span: { from: number; forMs: number }): void {
    if (this.longest !== null && span.forMs <= this.longest.forMs) return;
    this.longest = { site: state.site, link: linkText(state, link), ...span };
  }
}
