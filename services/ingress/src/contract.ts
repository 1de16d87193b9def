// What ingress needs and what it offers. The core runs over abstract sockets, so that the same
// code serves real stations and simulated ones; it never reads a clock or makes a random number.

import type { Protocol, SiteConfig, StationConfig } from '@ampledger/domain';
import type { Clock, Result, SiteId, StationId, Tracer } from '@ampledger/kernel';
import type { OpenSession } from '@ampledger/ocpp';
import type { Bus } from '@ampledger/ports';
import type { Audit } from './audit.js';

/** What ingress must know of the sites: given, not fetched. */
export interface StationDirectory {
  /** undefined: no such station in any site. */
  find(station: StationId): StationPlace | undefined;
  /**
   * The epoch of the site's command service as far as is known: calls of an earlier one are not
   * delivered. Absent where there is only one.
   */
  commandEpoch?(site: SiteId): number;
}

export interface StationPlace {
  readonly site: SiteId;
  readonly config: StationConfig;
  /** Of the whole site; absent: what cars say of DC is left out. */
  readonly siteConfig?: SiteConfig;
  readonly openSessions: readonly OpenSession[];
}

/** One station's socket, whatever carries it. None of these throws. */
export interface StationSocket {
  send(text: string): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Drops the connection without a handshake. */
  terminate(): void;
  ping(): void;
  /** Bytes that were sent and that the network has not taken yet. */
  readonly bufferedAmount: number;
  /** Stops reading; what has been read already may still arrive. */
  pause(): void;
  resume(): void;
}

/** The socket's way into the core. Calls after `onClosed` change nothing. */
export interface Connection {
  readonly id: string;
  onMessage(text: string): void;
  onPong(): void;
  onClosed(code: number, reason: string): void;
}

/**
 * Why a connection is refused. `duplicate`: the station is connected and alive. `unknown-station`: in
 * no site. `busy`: too many of this station's connections wait for an answer. `closing`: shutting down.
 */
export interface Refusal {
  readonly reason: 'duplicate' | 'unknown-station' | 'busy' | 'closing';
}

/** Compatible with pino. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type Labels = Readonly<Record<string, string>>;

/** Names, kinds and labels stand in metrics.ts. */
export interface Metrics {
  count(name: string, labels?: Labels): void;
  observe(name: string, value: number, labels?: Labels): void;
  gauge(name: string, value: number, labels?: Labels): void;
}

export interface IngressOptions {
  /** Distinguishes the connection ids of several processes. */
  readonly instance: string;
  /** Calls requested up to this position belong to an earlier run and are not delivered. */
  readonly startAfter: number;
  /**
   * Whether a call for a station that is not connected here is answered `unsent`. False where several
   * ingress processes share the stations: the one that has the station answers.
   */
  readonly answerUnconnected: boolean;
  /** What stations are told at boot. */
  readonly heartbeatIntervalS: number;
  readonly pingPeriodMs: number;
  readonly missedPongsMax: number;
  /** How long an older connection may take to show that it lives when a newer one comes. */
  readonly probeTimeoutMs: number;
  /** CALLs of one station that wait for their turn. */
  readonly queuedCallsMax: number;
  /** Calls to one station that wait for their turn. */
  readonly outboxMax: number;
  /** Frames that are no OCPP, per connection and minute. */
  readonly badFramesPerMinuteMax: number;
  readonly bootsPerMinuteMax: number;
  /** A station that lets this much pile up unread is dropped. */
  readonly sendBufferMaxBytes: number;
  /** Answers remembered per station. */
  readonly answersKept: number;
  /** Stations whose answers are remembered. */
  readonly stationsKept: number;
  /** The most of a station's answer that is kept in a CallAnswered event. */
  readonly answerPayloadMaxBytes: number;
  readonly closeTimeoutMs: number;
}

export interface IngressDeps {
  readonly bus: Bus;
  readonly directory: StationDirectory;
  readonly clock: Clock;
  /** Secret behind the pseudonyms of id tokens, and behind the ids of the messages that carry them. */
  readonly pseudonymKey: Buffer;
  readonly log: Logger;
  readonly metrics?: Metrics;
  /** A span for every CALL of a station and every call to one; NO_TRACES costs nothing. */
  readonly tracer?: Tracer;
  readonly options?: Partial<IngressOptions>;
}

export interface Ingress {
  readonly clock: Clock;
  readonly directory: StationDirectory;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly audit: Audit;
  /**
   * Whether the station may open a connection now. Asks a connection that it has whether it lives
   * (up to `probeTimeoutMs`) and drops it when it does not.
   */
  admit(station: StationId): Promise<Result<true, Refusal>>;
  /** As `admit`, and takes the socket. From then on the socket's messages may come. */
  connect(options: {
    readonly station: StationId;
    readonly protocol: Protocol;
    readonly remote: string;
    readonly socket: StationSocket;
  }): Promise<Result<Connection, Refusal>>;
  connectionCount(): number;
  isConnected(station: StationId): boolean;
  /** Rejects when the bus failed for good: the process should end and restart. */
  readonly failed: Promise<never>;
  /** Closes every socket with 1001 and resolves when their ends are published, or after `closeTimeoutMs`. */
  close(): Promise<void>;
}
