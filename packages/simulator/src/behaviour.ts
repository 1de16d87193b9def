// What stations in the field get wrong, as data. Each behaviour is off unless it is named; its
// probability and period say how often it happens, and the station's own randomness decides when.

import type { Clock, Timer } from '@ampledger/kernel';
import { between, chance, type Random } from './random.js';

export interface BehaviourSetting {
  /** Of happening on each occasion (a call, a sample, a connect), or in each period. Default: the table's. */
  readonly probability?: number;
  /**
   * Occasions: the behaviour comes and goes in spans of this length, on or off for the whole span.
   * Episodes: about how often it is considered. Seconds.
   */
  readonly periodS?: number;
  /** Episodes: about how long one lasts, seconds. */
  readonly forS?: number;
  /** How much: see the table. */
  readonly amount?: number;
}

type Row = Required<Pick<BehaviourSetting, 'probability'>> &
  Pick<BehaviourSetting, 'periodS' | 'forS' | 'amount'> & {
    /** occasion: asked each time. trait: decided once. episode: begins by itself and ends. */
    readonly kind: 'occasion' | 'trait' | 'episode';
  };

export const BEHAVIOURS = {
  /** Answers a call after up to `amount` seconds; whether it acts at once or only then is open. */
  slowAnswers: { kind: 'occasion', probability: 0.3, amount: 40 },
  /** Never answers a call; half of the time it has acted on it all the same. */
  noAnswers: { kind: 'occasion', probability: 0.2 },
  /** Rejects a charging profile and keeps what it had. */
  rejectsProfiles: { kind: 'occasion', probability: 1 },
  /** Accepts a charging profile and lets the car draw all it can, until one that it obeys. */
  disobeys: { kind: 'occasion', probability: 1 },
  /** Closes its socket; cars go on under the stored profiles. */
  goesOffline: { kind: 'episode', probability: 1, periodS: 3600, forS: 300 },
  /** Falls silent without closing its socket, then comes back on a new one. */
  goesSilent: { kind: 'episode', probability: 1, periodS: 3600, forS: 300 },
  /** Connects again without a BootNotification. */
  noBootOnReconnect: { kind: 'occasion', probability: 1 },
  /** Meter values with neither unit, measurand nor transaction. */
  bareMeterValues: { kind: 'occasion', probability: 1 },
  /** Its meters say nothing for a while; all else goes on. */
  meterGoesSilent: { kind: 'episode', probability: 1, periodS: 3600, forS: 900 },
  /** Its phases are wired to the grid's `amount` places on from what its specification says. */
  rotated: { kind: 'trait', probability: 1, amount: 1 },
  /** Holds samples back and sends them after newer ones, the latest first. */
  buffersAndReplays: { kind: 'occasion', probability: 0.3 },
  /**
   * Sends a call again under the same message id when the answer takes longer than `amount` seconds,
   * and sends answered transaction messages a second time under a new one.
   */
  retriesCalls: { kind: 'occasion', probability: 0.2, amount: 5 },
  /** Takes limits in watts only. */
  wattsOnly: { kind: 'trait', probability: 1 },
  /** Loses power: transactions end, profiles stay; charging begins anew after the boot. */
  reboots: { kind: 'episode', probability: 1, periodS: 14_400, forS: 20 },
  /** Loses its charging profiles at a reboot, against K01.FR.27. */
  forgetsProfiles: { kind: 'occasion', probability: 1 },
  /** Its timestamps are `amount` seconds off; 0 is a clock that began in 1970. Schedules run on time. */
  wrongClock: { kind: 'trait', probability: 1, amount: 0 },
  /** As wrongClock, and its schedules are off by as much. */
  wrongScheduleClock: { kind: 'trait', probability: 1, amount: -3600 },
  /** Reports `amount` times the current, power and energy that there are. */
  liesAboutMeter: { kind: 'occasion', probability: 1, amount: 0.5 },
} as const satisfies Readonly<Record<string, Row>>;

export type BehaviourName = keyof typeof BEHAVIOURS;
export type Behaviour = { readonly [K in BehaviourName]?: BehaviourSetting };

export interface Misbehaviour {
  /** Whether it happens on this occasion. */
  happens(name: BehaviourName): boolean;
  has(name: BehaviourName): boolean;
  amount(name: BehaviourName): number;
  /** Runs `begin` for each episode, with its length. */
  episodes(name: BehaviourName, begin: (forMs: number) => void): void;
  close(): void;
}

interface Deps {
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  readonly random: Random;
}

/** On or off for a whole span at a time. */
function spans(periodS: number, probability: number, { clock, random }: Deps): () => boolean {
  let span = -1;
  let on = false;
  return () => {
    const current = Math.floor(clock.now() / (periodS * 1000));
    if (current !== span) {
      span = current;
      on = chance(random, probability);
    }
    return on;
  };
}

function decision(name: BehaviourName, setting: BehaviourSetting | undefined, deps: Deps): () => boolean {
  if (setting === undefined) return () => false;
  const row: Row = BEHAVIOURS[name];
  const probability = setting.probability ?? row.probability;
  if (row.kind === 'trait') {
    const on = chance(deps.random, probability);
    return () => on;
  }
  if (row.kind === 'occasion' && setting.periodS !== undefined)
    return spans(setting.periodS, probability, deps);
  return () => probability >= 1 || chance(deps.random, probability);
}

export function createMisbehaviour(deps: Deps): Misbehaviour {
  const names = Object.keys(BEHAVIOURS) as readonly BehaviourName[];
  const decisions = new Map(names.map((name) => [name, decision(name, deps.behaviour[name], deps)]));
  const timers = new Map<BehaviourName, Timer>();
  const happens = (name: BehaviourName): boolean => decisions.get(name)?.() ?? false;
  const value = (name: BehaviourName, field: 'periodS' | 'forS' | 'amount'): number =>
    deps.behaviour[name]?.[field] ?? (BEHAVIOURS[name] as Row)[field] ?? 0;
  const episodes = (name: BehaviourName, begin: (forMs: number) => void): void => {
    const waitMs = value(name, 'periodS') * 1000 * between(deps.random, 0.5, 1.5);
    timers.set(
      name,
      deps.clock.after(waitMs, () => {
        if (happens(name)) begin(value(name, 'forS') * 1000 * between(deps.random, 0.5, 1.5));
        episodes(name, begin);
      }),
    );
  };
  return {
    happens,
    has: (name) => deps.behaviour[name] !== undefined,
    amount: (name) => value(name, 'amount'),
    episodes: (name, begin) => {
      if (deps.behaviour[name] !== undefined) episodes(name, begin);
    },
    close: () => {
      for (const timer of timers.values()) timer.cancel();
    },
  };
}
