// Whether a station's HTTP request becomes a connection: every check comes before the upgrade, in an
// order in which the cheap ones protect the costly ones.

import type { IncomingHttpHeaders } from 'node:http';
import { type Clock, err, ok, type Result, type StationId } from '@ampledger/kernel';
import type { SecurityEventKind } from './audit.js';
import type { Ingress } from './contract.js';
import { createFailureThrottle, type FailureThrottle, type ThrottleOptions } from './failure-throttle.js';
import { credentialsOf, identityOf } from './handshake.js';
import { METRIC } from './metrics.js';
import type { PasswordVerifier } from './password.js';
import type { TokenBucket } from './token-bucket.js';

export interface HttpRefusal {
  readonly status: 400 | 401 | 404 | 409 | 429 | 503;
  readonly reason: string;
  readonly retryAfterS?: number;
}

export interface AdmissionDeps {
  readonly ingress: Ingress;
  readonly clock: Clock;
  readonly passwords: PasswordVerifier;
  /** Upgrades in a span of time: what a storm of reconnects is spread by. */
  readonly gate: TokenBucket;
  readonly throttle?: Partial<ThrottleOptions>;
}

export interface UpgradeRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly remote: string;
}

interface Claim {
  readonly station: StationId;
  readonly remote: string;
}

export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #throttle: FailureThrottle;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    this.#throttle = createFailureThrottle(deps.clock, deps.throttle);
  }

  async admit({ url, headers, remote }: UpgradeRequest): Promise<Result<StationId, HttpRefusal>> {
    const identity = identityOf(url);
    if (identity.kind === 'foreign') return this.#refuse({ status: 404, reason: 'no-such-path' });
    if (identity.kind === 'invalid') {
      return this.#refuse({ status: 400, reason: 'invalid-identity' }, 'InvalidIdentity', { remote });
    }
    const claim = { station: identity.station, remote };
    const place = this.#deps.ingress.directory.find(claim.station);
    if (place === undefined) return this.#unknown(claim);
    const refused = await this.#authenticate(claim, place.config.passwordHash, headers.authorization);
    if (refused !== undefined) return refused;
    // Last, so that nobody without credentials can use it up.
    if (!this.#deps.gate.take()) {
      return this.#refuse({ status: 503, reason: 'storm', retryAfterS: 5 }, 'ConnectionStorm', { remote });
    }
    return this.#seat(claim.station);
  }

  /** Failures count against the source that fails, never against the station that it names. */
  async #authenticate(claim: Claim, hash: string | null, header: string | undefined) {
    const source = `${claim.remote} ${claim.station}`;
    const credentials = credentialsOf(header, claim.station);
    if (hash === null && credentials.kind !== 'foreign') return undefined;
    const wait = this.#waitOf(source);
    if (wait !== undefined) return this.#refuse(wait, 'AuthenticationThrottled', claim);
    const verdict =
      hash !== null && credentials.kind === 'password'
        ? await this.#deps.passwords.verify(hash, credentials.password)
        : 'wrong';
    if (verdict === 'overloaded') return this.#refuse({ status: 503, reason: 'overloaded', retryAfterS: 10 });
    if (verdict === 'wrong') {
      this.#throttle.failed(source);
      return this.#refuse({ status: 401, reason: 'unauthorized' }, 'AuthenticationFailed', claim);
    }
    this.#throttle.succeeded(source);
    return undefined;
  }

  #unknown(claim: Claim): Result<never, HttpRefusal> {
    // By address alone: known stations behind the same one are not held up.
    const source = `${claim.remote} /unknown`;
    const wait = this.#waitOf(source);
    if (wait !== undefined) return this.#refuse(wait);
    this.#throttle.failed(source);
    return this.#refuse({ status: 404, reason: 'unknown-station' }, 'UnknownStation', claim);
  }

  async #seat(station: StationId): Promise<Result<StationId, HttpRefusal>> {
    const seat = await this.#deps.ingress.admit(station);
    if (seat.ok) return ok(station);
    const { reason } = seat.error;
    if (reason === 'unknown-station') return err({ status: 404, reason });
    return err(reason === 'closing' ? { status: 503, reason, retryAfterS: 5 } : { status: 409, reason });
  }

  #waitOf(source: string): HttpRefusal | undefined {
    const waitMs = this.#throttle.waitMs(source);
    return waitMs === 0
      ? undefined
      : { status: 429, reason: 'throttled', retryAfterS: Math.ceil(waitMs / 1000) };
  }

  #refuse(
    refusal: HttpRefusal,
    kind?: SecurityEventKind,
    who: Partial<Claim> = {},
  ): Result<never, HttpRefusal> {
    this.#deps.ingress.metrics.count(METRIC.refusals, { reason: refusal.reason });
    if (kind !== undefined) this.#deps.ingress.audit({ kind, ...who });
    return err(refusal);
  }
}
