// What a station should be told next. Pure. One call at a time for each station; cuts before all
// else, because others wait for their room.

import {
  acceptedA,
  type Grant,
  grantHoldA,
  isCommissioned,
  LATE_ACT_MS,
  type LedgerInput,
  ledgerInput,
  mayHoldA,
  type OpenGrant,
  type PendingOperatorCall,
  type PlacedConnector,
  type SiteConfig,
  type SiteState,
  type StationState,
} from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import { DC_V_MAX, wattsAtCar } from '@ampledger/ocpp';

/** OCPP chargingProfileId: ours, one for each EVSE and purpose, so that a new limit replaces the old. */
const IDLE_PROFILE_ID = 710_000;
const SESSION_PROFILE_ID = 720_000;
export const isEngineProfileId = (id: number): boolean =>
  id >= IDLE_PROFILE_ID && id < SESSION_PROFILE_ID + 10_000;

/** A raise below a station's own resolution is none; a cut is made whatever its size. */
const SAME_A = 0.11;
const ROUNDING_A = 1e-6;
const READ_TRIES = 2;
/** An operator's call that could not be sent for this long is not sent at all: nobody waits for it any more. */
const OPERATOR_CALL_MS_MAX = 60_000;

export type Wish =
  | { readonly kind: 'read'; readonly attempt: number }
  | {
      readonly kind: 'limit';
      readonly why: 'cut' | 'commission' | 'raise' | 'renew';
      readonly placed: PlacedConnector;
      readonly grant: Grant;
    }
  | { readonly kind: 'operator'; readonly call: PendingOperatorCall };

/** A wish, or when to look again, for each of a station's connectors. */
export interface Wished {
  readonly wishes: readonly Wish[];
  /** Earliest moment at which another wish may arise by time alone; Infinity when none. */
  readonly wakeAt: number;
}

export interface StationInput {
  readonly state: SiteState;
  readonly station: StationState;
  readonly placed: readonly PlacedConnector[];
  readonly operatorCalls: readonly PendingOperatorCall[];
}

/** All that the station should be told, most urgent first. */
export function wishesOf({ state, station, placed, operatorCalls }: StationInput, now: number): Wished {
  const found = placed.map((one) =>
    connectorWish(one, ledgerInput(state, one), { now, sameA: sameFor(state.config, station, one) }),
  );
  const wakeAt = Math.min(...found.map((one) => one.wakeAt));
  const limits = found.flatMap((one) => one.wishes);
  const mustRead = station.capabilities === null && station.readAt === null && station.readTries < READ_TRIES;
  if (limits.length === 0 && operatorCalls.length === 0 && !mustRead) return { wishes: [], wakeAt };
  const wishes: Wish[] = [
    ...(mustRead ? [{ kind: 'read', attempt: station.readTries } as const] : []),
    ...limits.filter((wish) => wish.why === 'cut'),
    ...limits.filter((wish) => wish.why === 'commission'),
    ...operatorCalls
      .filter((call) => now - call.requestedAt < OPERATOR_CALL_MS_MAX)
      .map((call) => ({ kind: 'operator', call }) as const),
    ...limits.filter((wish) => wish.why === 'raise').sort(smallestFirst),
    ...limits.filter((wish) => wish.why === 'renew'),
  ];
  return { wishes, wakeAt };
}

type LimitWish = Extract<Wish, { kind: 'limit' }>;
const smallestFirst = (a: LimitWish, b: LimitWish): number => a.grant.limitA - b.grant.limitA;

interface Found {
  readonly wishes: readonly LimitWish[];
  readonly wakeAt: number;
}

/** Instants, and below which difference (A) two limits are the same on the wire. */
interface Moment {
  readonly now: number;
  readonly sameA: number;
}

/** A DC station that takes no watts is told tenths of an ampere of the highest voltage that there may be. */
function sameFor(site: SiteConfig, { capabilities }: StationState, placed: PlacedConnector): number {
  const units = capabilities?.rateUnits ?? [];
  if (placed.config.current === 'ac' || units.length === 0 || units.includes('W')) return SAME_A;
  return (SAME_A * DC_V_MAX) / wattsAtCar(site, placed, 3);
}

const none = (wakeAt = Number.POSITIVE_INFINITY): Found => ({ wishes: [], wakeAt });

function connectorWish(placed: PlacedConnector, input: LedgerInput, moment: Moment): Found {
  const { now } = moment;
  const { ledger, session } = input.connector;
  const retryAt = ledger.refusedAt === null ? 0 : ledger.refusedAt + retryMs(ledger.refusals);
  if (now < retryAt) return none(retryAt);
  if (!isCommissioned(ledger, input.station) || idleIsUnsure(input, moment))
    return commission(placed, input, now);
  const { wishes, wakeAt } = session === null ? none() : sessionWishes(placed, input, moment);
  return { wishes, wakeAt: Math.min(wakeAt, ...ledger.open.map(unsureAt).filter((at) => at > now)) };
}

/** When a limit whose answer is missing is sent again: at once, or when the station cannot act on it any more. */
const unsureAt = ({ by, state, requestedAt }: OpenGrant): number =>
  by === 'operator' || state === 'in-flight'
    ? Number.POSITIVE_INFINITY
    : state === 'unknown'
      ? 0
      : requestedAt + LATE_ACT_MS;

/** Cuts are tried again sooner than this table's raises would be: somebody waits for the room. */
const retryMs = (refusals: number): number => Math.min(600_000, 5_000 * 2 ** Math.min(refusals, 10));

/** The default profile is not what the site file says, or a newer one may have been taken or not. */
const idleIsUnsure = ({ connector, config }: LedgerInput, { now, sameA }: Moment): boolean => {
  const { idle, open } = connector.ledger;
  if (open.some((o) => o.grant.kind === 'idle' && now >= unsureAt(o))) return true;
  const held = idle?.grant.limitA ?? 0;
  return held > config.idleA + sameA || held < config.idleA - sameA;
};

/** Where the default profile allows more than is counted already, it is a raise like any other. */
function commission(placed: PlacedConnector, input: LedgerInput, now: number): Found {
  const { evseId, idleA } = input.config;
  const grant: Grant = {
    connector: placed.key,
    kind: 'idle',
    limitA: idleA,
    tailA: idleA,
    leaseEndsAt: null,
    session: null,
    profileId: IDLE_PROFILE_ID + evseId,
  };
  const why = idleA > mayHoldA(input, now) ? 'raise' : 'commission';
  return { wishes: [{ kind: 'limit', why, placed, grant }], wakeAt: Number.POSITIVE_INFINITY };
}

function sessionWishes(placed: PlacedConnector, input: LedgerInput, { now, sameA }: Moment): Found {
  const target = targetA(input);
  if (target === null) return none();
  const wish = (why: LimitWish['why'], limitA: number): LimitWish => ({
    kind: 'limit',
    why,
    placed,
    grant: sessionGrant(placed, input, { target: limitA, now }),
  });
  if (sessionHoldA(input, now) > target + ROUNDING_A) {
    return { wishes: [wish('cut', target)], wakeAt: Number.POSITIVE_INFINITY };
  }
  const accepted = acceptedA(input, now) ?? 0;
  const raises = target > accepted + sameA;
  const raiseAt = raises ? raiseFrom(input, accepted) : Number.POSITIVE_INFINITY;
  const { ledger } = input.connector;
  const unsure = ledger.open.some((open) => open.grant.kind === 'session' && now >= unsureAt(open));
  const again = unsure ? now : renewAt(placed.key, input);
  // A raise that waits, for its time or for room, does not keep the lease from being renewed.
  const wishes = [
    ...(now >= raiseAt ? [wish('raise', target)] : []),
    ...(now >= again ? [wish('renew', raises ? accepted : target)] : []),
  ];
  return { wishes, wakeAt: Math.min(...[raiseAt, again].filter((at) => at > now), Number.POSITIVE_INFINITY) };
}

/** When the next raise may be made: the first one of a session at once. */
const raiseFrom = ({ connector, control }: LedgerInput, accepted: number): number =>
  accepted <= 0 || connector.ledger.raisedAt === null
    ? 0
    : connector.ledger.raisedAt + control.raiseIntervalS * 1000;

/** What the optimizer wants the session to have; null while it has not solved for a station that can be told. */
function targetA({ connector: { allocation } }: LedgerInput): number | null {
  if (allocation === null) return 0;
  const { because, limitA } = allocation;
  if (because.kind === 'bound' && COUNTED_ONLY.has(because.bound)) return null;
  // Before OCPP 2.1 no station can be told to feed back: it is told to stop charging.
  return Math.max(0, limitA);
}

const COUNTED_ONLY: ReadonlySet<string> = new Set(['offline', 'not-commissioned']);

/** The most that the running session's profiles allow, beside the default profile and what is too late to take back. */
function sessionHoldA({ connector, station }: LedgerInput, now: number): number {
  const { session, open, idle } = connector.ledger;
  const grants = open.flatMap((o) =>
    o.grant.kind === 'session' && o.by === 'engine' && o.state !== 'lingering' ? [o.grant] : [],
  );
  if (session !== null) grants.push(session.grant);
  if (grants.length === 0) return idle?.grant.limitA ?? 0;
  return Math.max(...grants.map((grant) => grantHoldA(grant, station, now)));
}

/** By then the site is solved again with what the car said. */
const SOLVED_AFTER_MS = 5_000;

/**
 * The lease is renewed when half of it is over, at a moment that differs between connectors, and
 * when the station was away or booted since it took it. A car that said over ISO 15118 what it wants
 * waits for a profile, also where that says nothing new (OCPP 2.0.1 K15.FR.07, K16.FR.12).
 */
function renewAt(key: ConnectorKey, { connector, station, control }: LedgerInput): number {
  const { session } = connector.ledger;
  if (session === null) return Number.POSITIVE_INFINITY;
  if (session.connection !== station.connection || session.boot !== station.boots) return 0;
  const saidAt =
    connector.session?.needs?.source === 'iso15118' ? connector.session.needs.energySaidAt : null;
  const answerAt =
    saidAt !== null && saidAt >= session.acceptedAt ? saidAt + SOLVED_AFTER_MS : Number.POSITIVE_INFINITY;
  if (session.grant.leaseEndsAt === null) return answerAt;
  const leaseMs = control.leaseS * 1000;
  return Math.min(answerAt, session.grant.leaseEndsAt - leaseMs / 2 + (spread(key) * leaseMs) / 8);
}

/** 0 to 1, the same for the same key. */
function spread(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) | 0;
  return (hash >>> 0) / 2 ** 32;
}

/** A lease that ends in the fallback, where the limit is not below it anyway. */
function sessionGrant(
  placed: PlacedConnector,
  input: LedgerInput,
  { target, now }: { target: number; now: number },
): Grant {
  const { config, connector, control } = input;
  const tailA = target >= config.fallbackA ? config.fallbackA : 0;
  return {
    connector: placed.key,
    kind: 'session',
    limitA: target,
    tailA,
    leaseEndsAt: target === tailA ? null : now + control.leaseS * 1000,
    session: connector.session?.id ?? null,
    profileId: SESSION_PROFILE_ID + config.evseId,
  };
}
