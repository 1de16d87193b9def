// Deciding for the partitions that this process owns: each is restored, followed, and decided for
// from the moment it is assigned to the moment it is revoked. Steps of one partition go one after another;
// a revocation takes effect at once.

import { randomUUID } from 'node:crypto';
import type { Role } from '@ampledger/domain';
import type { Clock } from '@ampledger/kernel';
import type { Bus, Ownership, OwnershipListener } from '@ampledger/ports';
import { type Claims, createClaims, type Projection } from '@ampledger/projection';
import type { Log } from '../log.js';
import { VERSION } from '../version.js';

/** The optimizer or the command service of one partition. */
export interface Decider {
  readonly failed: Promise<never>;
  /** Decides no more from the moment of the call. */
  close(): Promise<void>;
}

export interface DeciderDeps {
  readonly partition: number;
  readonly bus: Bus;
  readonly projection: Projection;
  readonly claims: Claims;
}

export interface OwnerDeps {
  readonly role: Role;
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly partition: (partition: number) => Bus;
  readonly join: (listener: OwnershipListener) => Promise<Ownership>;
  /** Restores the partition's state and follows it. */
  readonly follow: (partition: number) => Promise<Projection>;
  readonly decide: (deps: DeciderDeps) => Decider;
  readonly onOwned?: (partitions: number) => void;
  readonly onClaimed?: () => void;
}

export interface Owner {
  readonly failed: Promise<never>;
  /** Partitions that are decided for at the moment, and those that are on the way to it. */
  counts(): { readonly deciding: number; readonly preparing: number };
  projections(): ReadonlyMap<number, Projection>;
  close(): Promise<void>;
}

interface Held {
  /** Counts assignments and revocations: what was begun for an earlier one is not finished. */
  turn: number;
  isAssigned: boolean;
  projection: Projection | undefined;
  decider: Decider | undefined;
  claims: Claims | undefined;
  /** The step in hand. */
  step: Promise<void>;
}

export async function startOwner(deps: OwnerDeps): Promise<Owner> {
  const owner = new PartitionOwner(deps);
  await owner.join();
  return owner;
}

class PartitionOwner implements Owner {
  readonly #deps: OwnerDeps;
  readonly #held = new Map<number, Held>();
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => undefined;
  #membership: Ownership | undefined;
  #closed = false;

  constructor(deps: OwnerDeps) {
    this.#deps = deps;
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
  }

  async join(): Promise<void> {
    this.#membership = await this.#deps.join({
      assigned: (partition) => this.#assigned(partition),
      revoked: (partition) => this.#revoked(partition),
    });
    this.#membership.failed.catch(this.#fail);
  }

  counts(): { deciding: number; preparing: number } {
    const held = [...this.#held.values()].filter(({ isAssigned }) => isAssigned);
    const deciding = held.filter(({ decider }) => decider !== undefined).length;
    return { deciding, preparing: held.length - deciding };
  }

  projections(): ReadonlyMap<number, Projection> {
    const entries = [...this.#held].flatMap(([partition, { projection }]) =>
      projection === undefined ? [] : [[partition, projection] as const],
    );
    return new Map(entries);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const partition of this.#held.keys()) this.#revoked(partition);
    // What is still being restored has decided nothing; a store that is away would hold up the end.
    const restored = [...this.#held.values()].filter(({ projection }) => projection !== undefined);
    await Promise.all(restored.map(({ step }) => step));
    await this.#membership?.close();
  }

  #of(partition: number): Held {
    const known = this.#held.get(partition);
    if (known !== undefined) return known;
    const made: Held = {
      turn: 0,
      isAssigned: false,
      projection: undefined,
      decider: undefined,
      claims: undefined,
      step: Promise.resolve(),
    };
    this.#held.set(partition, made);
    return made;
  }

  #assigned(partition: number): void {
    if (this.#closed) return;
    const held = this.#of(partition);
    this.#stopDeciding(held);
    const turn = ++held.turn;
    held.isAssigned = true;
    this.#next(held, async () => {
      if (held.turn !== turn) return;
      held.projection ??= await this.#follow(partition);
      if (held.turn === turn) this.#decide(partition, held, held.projection);
    });
  }

  #revoked(partition: number): void {
    const held = this.#held.get(partition);
    if (held === undefined) return;
    this.#stopDeciding(held);
    const turn = ++held.turn;
    held.isAssigned = false;
    this.#deps.onOwned?.(this.counts().deciding);
    this.#next(held, async () => {
      // Given back within the same rebalance, its state is still of use.
      if (held.turn !== turn) return;
      await held.projection?.close();
      held.projection = undefined;
      if (held.turn === turn) this.#held.delete(partition);
    });
  }

  async #follow(partition: number): Promise<Projection> {
    const started = this.#deps.clock.now();
    const projection = await this.#deps.follow(partition);
    projection.failed.catch(this.#fail);
    this.#deps.log.info(
      { partition, sites: projection.siteIds().length, ms: this.#deps.clock.now() - started },
      'partition restored',
    );
    return projection;
  }

  #decide(partition: number, held: Held, projection: Projection): void {
    const { role, instance, clock, onClaimed } = this.#deps;
    const bus = this.#deps.partition(partition);
    const claims = createClaims({
      bus,
      projection,
      clock,
      role,
      version: VERSION,
      owner: `${instance.slice(0, 60)}/${randomUUID()}`,
      ...(onClaimed === undefined ? {} : { onClaimed }),
    });
    held.claims = claims;
    held.decider = this.#deps.decide({ partition, bus, projection, claims });
    held.decider.failed.catch(this.#fail);
    this.#deps.onOwned?.(this.counts().deciding);
    this.#deps.log.info({ partition, role }, 'partition owned');
  }

  /** At once; what is on its way to the bus is waited for by the next step. */
  #stopDeciding(held: Held): void {
    const { decider } = held;
    if (decider === undefined) return;
    held.decider = undefined;
    held.claims?.close();
    const closed = decider.close();
    this.#next(held, () => closed);
  }

  #next(held: Held, step: () => Promise<void>): void {
    held.step = held.step.then(step).catch((error: unknown) => {
      if (!this.#closed) this.#fail(error);
    });
  }
}
