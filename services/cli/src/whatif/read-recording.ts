// Reads a site's log, event by event, to a recording of a span of time and to how that span went. All
// rules of what an event means are the fold's own: what is looked at is how the state changes.

import { type DomainEvent, type SiteState, unmanagedLoad, upcast } from '@ampledger/domain';
import type { SiteId, StationId } from '@ampledger/kernel';
import type { RecordedEvent } from '@ampledger/ports';
import { emptyFold, foldEvent } from '@ampledger/projection';
import { LoadMeans } from './load-means.js';
import type { Outcome } from './outcome.js';
import { SessionsReader } from './read-sessions.js';
import type { RecordedChange, Recording, RulesFrom } from './recording.js';
import { Tally } from './tally.js';

export interface ReadOptions {
  readonly site: SiteId;
  /** null: from the site's first event on, and up to its last. */
  readonly from: number | null;
  readonly to: number | null;
  /** Unmanaged load is kept as means over so long, ms. */
  readonly loadMeanMs: number;
}

export interface Read {
  readonly recording: Recording;
  readonly happened: Outcome;
}

/** What is gathered from the beginning of the span on. */
interface Span {
  readonly from: number;
  readonly tally: Tally;
  readonly rules: RulesFrom[];
  readonly changes: RecordedChange[];
  readonly habits: SiteState['habits'];
}

export class RecordingReader {
  readonly #options: ReadOptions;
  readonly #fold = emptyFold();
  readonly #loads: LoadMeans;
  readonly #sessions = new SessionsReader();
  readonly #stations = new Set<StationId>();
  #span: Span | null = null;
  readonly #releases = new Set<string>();
  /** Who decides when the span begins. */
  #release: string | null = null;
  #at = Number.NEGATIVE_INFINITY;
  #state: SiteState | undefined;

  constructor(options: ReadOptions) {
    this.#options = options;
    this.#loads = new LoadMeans(options.loadMeanMs);
  }

  /** False: the event is beyond the span, and so are all after it. Events of other sites are passed by. */
  next(event: RecordedEvent): boolean {
    const { site, from, to } = this.#options;
    if (event.key !== site) return true;
    if (to !== null && event.meta.receivedAt >= to) return false;
    this.#at = Math.max(this.#at, event.meta.receivedAt);
    const before = this.#fold.sites.get(site);
    if (before !== undefined) this.#begin(before, from ?? this.#at);
    foldEvent(this.#fold, event);
    const state = this.#fold.sites.get(site);
    if (state === undefined) {
      if (this.#state !== undefined) this.#sessions.endAll(this.#state, this.#at);
      return true;
    }
    this.#state = state;
    this.#begin(state, this.#at);
    const current = upcast(event);
    if (current.kind === 'current') this.#see(state, { type: event.type, data: current.data } as DomainEvent);
    return true;
  }

  /** null: the site was not there in that span. */
  finish(): Read | null {
    const state = this.#state;
    if (this.#span === null || state === undefined) return null;
    const { from, tally, rules, habits } = this.#span;
    const to = Math.max(from, this.#options.to ?? this.#at);
    this.#sessions.endAll(state, to);
    const { sessions } = this.#sessions;
    const loads = this.#loads.finish(to).filter(({ at }) => at > from - this.#options.loadMeanMs);
    const changes = [...this.#span.changes, ...loads].sort((a, b) => a.at - b.at);
    const stations = [...this.#stations].map((station) => ({
      station,
      capabilities: state.stations.get(station)?.capabilities ?? null,
    }));
    return {
      recording: {
        ...{ site: this.#options.site, from, to, rules, stations, sessions, changes },
        ...{ habits, releases: [...this.#releases] },
      },
      happened: tally.finish(to, { sessions, rules, changes }),
    };
  }

  /** Once the span has begun: what holds at its beginning is told as if it came then. */
  #begin(state: SiteState, from: number): void {
    if (this.#span !== null || this.#at < from || this.#at < (this.#options.from ?? from)) return;
    const tally = new Tally(state.config, from);
    const rules = [{ from, config: state.config }];
    this.#span = { from, tally, rules, changes: [], habits: state.habits };
    for (const envelope of state.envelopes.values())
      this.#span.changes.push({ at: from, kind: 'envelope', envelope });
    for (const signal of state.signals.values())
      this.#span.changes.push({ at: from, kind: 'signal', signal });
    if (this.#release !== null) this.#releases.add(this.#release);
    for (const [station, { everConnected }] of state.stations) if (everConnected) this.#stations.add(station);
    this.#sessions.begin(state, { from, tally });
    this.#tellLoads(state, from);
  }

  #see(state: SiteState, event: DomainEvent): void {
    const at = this.#at;
    switch (event.type) {
      case 'SiteConfigured':
        this.#configured(state);
        return this.#sessions.see(state, null, at);
      case 'NodeLoadMeasured':
        this.#measured(state, event.data);
        return this.#tellLoads(state, at);
      case 'EnvelopeSet':
        return this.#change({ at, kind: 'envelope', envelope: event.data });
      case 'EnvelopeRemoved':
        return this.#change({ at, kind: 'envelope-removed', ...event.data });
      case 'SignalSet':
        return this.#change({ at, kind: 'signal', signal: event.data });
      case 'SignalRemoved':
        return this.#change({ at, kind: 'signal-removed', ...event.data });
      case 'EngineStarted':
        return this.#decidesFrom(event.data.version);
      case 'OwnerClaimed':
        if (event.data.role === 'optimizer') this.#decidesFrom(event.data.version);
        return;
      case 'LimitsAllocated':
        for (const { connector } of event.data.allocations) this.#sessions.allocated(state, connector, at);
        return;
      case 'ChargingNeedsNotified':
        this.#sessions.see(state, event.data.station, at);
        return this.#sessions.needs(state, event.data, at);
      case 'StationConnected':
        this.#stations.add(event.data.station);
        return this.#sessions.see(state, event.data.station, at);
      case 'PlanMade':
      case 'CallRequested':
      case 'CallAnswered':
        return;
      default:
        if ('station' in event.data) this.#sessions.see(state, event.data.station, at);
    }
  }

  #decidesFrom(release: string): void {
    this.#release = release;
    if (this.#span !== null) this.#releases.add(release);
  }

  #change(change: RecordedChange): void {
    this.#span?.changes.push(change);
  }

  #configured(state: SiteState): void {
    this.#loads.configure(state.config, this.#at);
    if (this.#span === null || this.#span.rules.at(-1)?.config === state.config) return;
    this.#span.rules.push({ from: this.#at, config: state.config });
    this.#span.tally.configure(state.config, this.#at);
    this.#tellLoads(state, this.#at);
  }

  #measured(
    state: SiteState,
    { node, loadA }: Extract<DomainEvent, { type: 'NodeLoadMeasured' }>['data'],
  ): void {
    const config = state.config.nodes.find(({ id }) => id === node);
    if (config !== undefined) this.#loads.measured(config, loadA, this.#at);
  }

  #tellLoads(state: SiteState, at: number): void {
    for (const node of state.config.nodes)
      if (node.unmanaged.kind !== 'none')
        this.#span?.tally.load(node.id, unmanagedLoad(state, node, at).unmanagedA, at);
  }
}
