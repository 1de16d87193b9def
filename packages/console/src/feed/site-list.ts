// The list of sites, asked for until there is one.

import type { Clock, Timer } from '@ampledger/kernel';
import { type Api, ApiError } from './api.js';
import type { SiteEntry } from './wire.js';

const AGAIN_MS = 3_000;

export interface SiteListOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly onSites: (sites: readonly SiteEntry[]) => void;
  readonly onLost: (status: number, message: string) => void;
}

export function watchSiteList({ api, clock, onSites, onLost }: SiteListOptions): { close(): void } {
  let closed = false;
  let timer: Timer | undefined;
  const again = (): void => {
    if (!closed) timer = clock.after(AGAIN_MS, () => void ask());
  };
  const ask = async (): Promise<void> => {
    try {
      const sites = await api.sites();
      if (closed) return;
      onSites(sites);
      if (sites.length === 0) again();
    } catch (error) {
      if (closed) return;
      const status = error instanceof ApiError ? error.status : 0;
      onLost(status, error instanceof Error ? error.message : String(error));
      if (status !== 401 && status !== 403) again();
    }
  };
  void ask();
  return {
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}
