// The beginning and the end of each test: a cluster with stations that are ready for cars, and the judge.

import { type ClusterOptions, startCluster } from './cluster.js';
import { createBackboneFleet } from './fleet.js';
import { judge, type Trial, type Verdict } from './judge.js';
import { watchOverloads } from './overloads.js';

/** From a limit that falls to the last cut, while the processes run: as in the simulation. */
export const REACTION_MS = 20_000;
/** With a process killed or paused on top: its partitions go to another after the session timeout of 10 s. */
export const TAKEOVER_MS = 40_000;

/** Which random moments; printed with every failure. */
export const SEED = process.env.KILL_SEED ?? String(Date.now());

export interface TrialOptions extends ClusterOptions {
  readonly reactionMs?: number;
  readonly meterIntervalS?: number;
}

export interface RunningTrial extends Trial {
  judge(): Promise<Verdict>;
  /** What was not judged sound stays, for a look at it. */
  close(): Promise<void>;
}

export async function startTrial(options: TrialOptions): Promise<RunningTrial> {
  const { name, sites, reactionMs = REACTION_MS, meterIntervalS = 2 } = options;
  const cluster = await startCluster(options);
  const fleet = createBackboneFleet({ sites, doors: cluster.doors, seed: SEED, meterIntervalS });
  const overloads = watchOverloads({ fleet, sites, reactionMs });
  const trial = { cluster, fleet, overloads, sites };
  let isSound = false;
  const close = async (): Promise<void> => {
    overloads.close();
    fleet.close();
    await cluster.close({ keep: !isSound });
    if (!isSound) process.stderr.write(`${name}: KILL_SEED=${SEED}, all is left in ${cluster.directory}\n`);
  };
  try {
    await fleet.commissioned();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...trial,
    close,
    async judge() {
      const verdict = await judge(trial);
      isSound = true;
      process.stderr.write(`${name}: ${JSON.stringify(verdict)}\n`);
      return verdict;
    },
  };
}
