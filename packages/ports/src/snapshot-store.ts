// Snapshots shorten a rebuild. They are disposable: deleting all of them loses nothing.

export interface Snapshot {
  /** Whose state: a site id. */
  readonly name: string;
  /** The last event folded into the state. */
  readonly position: number;
  /** When that event was received, epoch milliseconds. */
  readonly receivedAt: number;
  /** Version of the fold that made it; another version's snapshots are not used. */
  readonly foldVersion: number;
  /** JSON. */
  readonly state: object;
  /**
   * Where in the event store to read on, for a snapshot whose `position` is one of the bus: every event
   * after `position` has a later place in the store than this.
   */
  readonly storePosition?: number;
}

export interface SnapshotStore {
  save(snapshot: Snapshot): Promise<void>;
  /** The newest snapshot of `name` made by `foldVersion`, at or before both bounds. */
  latest(query: {
    readonly name: string;
    readonly foldVersion: number;
    readonly notAfterPosition?: number;
    readonly notAfterReceivedAt?: number;
  }): Promise<Snapshot | undefined>;
  /** Every snapshot kept, oldest first, without its state. */
  list(): Promise<readonly Omit<Snapshot, 'state'>[]>;
}
