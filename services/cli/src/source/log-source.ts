// A data directory at rest as a source.

import { eventToWire, scanEvents, siteToWire } from '@ampledger/api';
import { siteView } from '@ampledger/domain';
import { siteId, systemClock } from '@ampledger/kernel';
import { startProjection } from '@ampledger/projection';
import { CliError, EXIT } from '../exit.js';
import { openLog } from '../open-log.js';
import { iso } from '../output.js';
import type { Source } from './source.js';

const WHILE_RUNNING = 'To look into a running engine, name its API: --url http://127.0.0.1:8220';

export async function openLogSource(directory: string): Promise<Source> {
  const log = await openLog(directory, WHILE_RUNNING);
  const close = (): Promise<void> => log.close();
  // Reading leaves nothing behind: no snapshots.
  const projection = await startProjection({ ...log, snapshotEvery: 0 }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    siteIds: async () => projection.siteIds(),
    async site(id, at) {
      // What happens until then is not known: the same answer as a running engine gives.
      if (at !== null && at > systemClock.now())
        throw new CliError(EXIT.badInput, `${iso(at)} is not in the past.`);
      const state = at === null ? projection.state(siteId(id)) : await projection.stateAt(siteId(id), at);
      return state && siteToWire(siteView(state, at ?? projection.receivedAt));
    },
    async *events({ limit, ...filter }) {
      let left = limit ?? Number.POSITIVE_INFINITY;
      for await (const page of scanEvents(log.store, filter, limit)) {
        for (const event of page.events) {
          if (left-- <= 0) return;
          yield eventToWire(event);
        }
        if (left <= 0) return;
      }
    },
    close,
  };
}
