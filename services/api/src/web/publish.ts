// How a write of the API becomes an event: published durably, then waited for until it can be read back.

import { type DomainEvent, eventFor } from '@ampledger/domain';
import { type Clock, invariant, type SiteId } from '@ampledger/kernel';
import type { Bus } from '@ampledger/ports';
import type { Projection } from '@ampledger/projection';

export interface Publisher {
  /** Resolves with the event's position when it is durable. Rejects with a PortError. */
  publish(write: {
    readonly site: SiteId;
    readonly event: DomainEvent;
    readonly id: string;
    readonly at: number;
    readonly correlationId?: string;
  }): Promise<number>;
  /** As `publish`, and the projection shows it, or `READ_BACK_MS` have passed. */
  publishAndSettle(write: Parameters<Publisher['publish']>[0]): Promise<number>;
}

const READ_BACK_MS = 2_000;

export function createPublisher(deps: {
  readonly bus: Bus;
  readonly projection: Projection;
  readonly clock: Clock;
}): Publisher {
  const publisher: Publisher = {
    async publish({ site, event, id, at, correlationId }) {
      const outgoing = eventFor({
        event,
        site,
        receivedAt: at,
        idParts: ['api', id],
        ...(correlationId === undefined ? {} : { correlationId }),
      });
      const [published] = await deps.bus.publish([outgoing]);
      invariant(published !== undefined, 'a bus answers for each event that it was given');
      return published.position;
    },
    async publishAndSettle(write) {
      const position = await publisher.publish(write);
      await settled(deps, position);
      return position;
    },
  };
  return publisher;
}

/** A client that reads after its write sees it; a projection that lags does not make it fail. */
function settled(
  { projection, clock }: { projection: Projection; clock: Clock },
  position: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(READ_BACK_MS, resolve);
    projection
      .reached(position)
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}
