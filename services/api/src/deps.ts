// What the API is made of: ports and functions that the composition root hands in.

import type { SiteConfig } from '@ampledger/domain';
import type { Clock, Result } from '@ampledger/kernel';
import type { Bus, EventStore } from '@ampledger/ports';
import type { Metrics } from '@ampledger/process';
import type { Projection } from '@ampledger/projection';
import type { ApiToken } from './access/token.js';

/** As much of a pino logger as is used here. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One thing that is wrong with a site file. */
export interface SiteProblem {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
  readonly expected: string;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not; empty when ready. */
  readonly reasons: readonly string[];
}

export interface ApiDeps {
  readonly bus: Bus;
  readonly store: EventStore;
  readonly projection: Projection;
  readonly clock: Clock;
  /** Reads a site file: YAML, and so JSON too. */
  readonly parseSite: (text: string) => Result<SiteConfig, readonly SiteProblem[]>;
  /** null: no token is asked for, and the API listens on loopback only. */
  readonly tokens: readonly ApiToken[] | null;
  readonly metricsText: () => Promise<string>;
  readonly ready: () => Readiness;
  readonly log: Log;
  /** Where the API counts its own requests. */
  readonly metrics?: Metrics;
  /** The built live page; without it `/` says that it is missing. */
  readonly assetsDirectory?: string;
  /** Names calls and writes; default a random UUID. */
  readonly newId?: () => string;
  readonly limits?: Partial<ApiLimits>;
}

/** Bounds on what clients can make the API hold. */
export interface ApiLimits {
  readonly connectionsMax: number;
  readonly liveClientsMax: number;
  /** Bytes that wait for one live client before it is dropped. */
  readonly liveBufferBytesMax: number;
  readonly waitingCallsMax: number;
  readonly exportsMax: number;
  readonly eventPagesMax: number;
  readonly replaysMax: number;
  /** Events that one JSON page may look at to find those that match. */
  readonly scannedEventsMax: number;
  readonly siteFileBytesMax: number;
}

export const DEFAULT_LIMITS: ApiLimits = {
  connectionsMax: 2_000,
  liveClientsMax: 200,
  liveBufferBytesMax: 8 * 1024 * 1024,
  waitingCallsMax: 500,
  exportsMax: 8,
  eventPagesMax: 32,
  replaysMax: 4,
  scannedEventsMax: 200_000,
  siteFileBytesMax: 4 * 1024 * 1024,
};
