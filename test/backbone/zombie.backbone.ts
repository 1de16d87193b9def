// An owner is paused between a decision and its arrival on the bus for longer than the session timeout. Its
// partitions move, somebody else decides, and then the old decision arrives: it is on the bus, with the old
// epoch, after the new owner's claim, and has no effect.

import type { EventWire } from '@ampledger/api';
import type { Role } from '@ampledger/domain';
import { Partitioners } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followEvents, isEvent, type LiveEvents } from '../e2e/live-events.js';
import { ownedBy, PARTITIONS } from './cluster.js';
import type { HeldRequest } from './kafka-proxy.js';
import { CAP_A, testSites } from './sites.js';
import type { Supervised } from './supervisor.js';
import { type RunningTrial, startTrial, TAKEOVER_MS } from './trial.js';
import { until } from './until.js';

const STATIONS = 4;
const CAR = { phases: 3, maxA: 32, energyNeedWh: 600_000 } as const;
const sites = testSites(2, STATIONS);
const capA = CAP_A * STATIONS;
const DECISION = { optimizer: 'LimitsAllocated', command: 'CallRequested' } as const;

let trial: RunningTrial;
/** Of each API: their copies count positions each in its own way. */
let lives: readonly LiveEvents[] = [];

beforeAll(async () => {
  const proxied = ['optimizer-1', 'optimizer-2', 'command-1', 'command-2'];
  trial = await startTrial({ name: 'zombie', sites, proxied, reactionMs: TAKEOVER_MS });
  lives = trial.cluster.apis.map(({ url }) => followEvents(url));
  for (const station of trial.fleet.stations) station.plugIn(1, CAR);
  for (const { id, config } of sites) {
    const limitA = config.nodes[0]?.limitA?.[0] ?? 0;
    await until(`${id} is shared out`, () => Math.abs(heldA(id) - limitA) < 1);
  }
  return () => trial.close();
});

afterAll(() => {
  for (const live of lives) live.close();
});

const stationsOf = (site: string) => trial.fleet.stations.filter(({ id }) => id.startsWith(`${site}-`));
const heldA = (site: string): number =>
  stationsOf(site).reduce((sum, station) => sum + station.compositeLimitA(1), 0);

async function ownerOf(site: string, role: Role): Promise<Supervised> {
  const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({
    partitionId,
    leader: 1,
  }));
  const partitionOf = Partitioners.DefaultPartitioner();
  const partition = partitionOf({
    topic: trial.cluster.topic,
    partitionMetadata: partitionMetadata as never,
    message: { key: site, value: null },
  });
  for (const process of trial.cluster.of(role)) {
    if ((await ownedBy(role, process)).includes(partition)) return process;
  }
  throw new Error(`Nobody is the ${role} of ${site}`);
}

interface Zombie {
  readonly process: Supervised;
  readonly held: HeldRequest;
  /** By which somebody else took over, as each API tells of it. */
  readonly claims: readonly EventWire[];
}

/** Stops the owner after its next decision for the site, which is on its way, and waits until another has it. */
async function makeZombie(site: string, role: Role): Promise<Zombie> {
  const { cluster, fleet } = trial;
  const owner = await ownerOf(site, role);
  const about = role === 'optimizer' ? `"site":"${site}"` : `"station":"${site}-`;
  const held = cluster.proxy(owner.name).hold(DECISION[role], about);
  const positions = lives.map(({ seen }) => seen.at(-1)?.position ?? 0);
  // Room for the others: a raise is decided.
  fleet.get(`${site}-01`).unplug(1);
  await held.caught;
  owner.pause();
  const isClaim = isEvent('OwnerClaimed', { site, role });
  const claims = await Promise.all(lives.map((live, i) => live.next(isClaim, positions[i])));
  return { process: owner, held, claims };
}

/** Caps the site while the old decision is still on its way, and waits for the cut. */
async function cut(site: string): Promise<void> {
  const { cluster, overloads } = trial;
  await cluster.apis[0]?.cap(site, capA);
  overloads.capped(site, capA);
  await until(`${site} is cut by the new owner`, () => heldA(site) <= capA + 0.01, TAKEOVER_MS);
}

/** Lets the decision arrive; resolves with what came after the claim and is older than it, from each API. */
async function arrive(zombie: Zombie, role: Role, site: string): Promise<readonly (readonly EventWire[])[]> {
  const isStale = (event: EventWire, claim: EventWire): boolean =>
    event.type === DECISION[role] &&
    event.site === site &&
    event.position > claim.position &&
    Number(event.data.epoch) < Number(claim.data.epoch);
  zombie.held.release();
  return Promise.all(
    zombie.claims.map(async (claim, i) => {
      await lives[i]?.next((event) => isStale(event, claim));
      return lives[i]?.seen.filter((event) => isStale(event, claim)) ?? [];
    }),
  );
}

interface Limit {
  readonly connector: string;
  readonly limitA: number;
}

it('an optimizer that was paused decides nothing any more', async () => {
  const site = 'site-1';
  const zombie = await makeZombie(site, 'optimizer');
  await cut(site);
  const stale = await arrive(zombie, 'optimizer', site);
  for (const [i, api] of trial.cluster.apis.entries()) {
    const [decision] = stale[i] ?? [];
    const wanted = (decision?.data.allocations ?? []) as readonly Limit[];
    const oldA = new Map(wanted.map(({ connector, limitA }) => [connector, limitA]));
    const state = await until('the API knows of it', async () => {
      const found = await api.site(site);
      return decision !== undefined && found.position >= decision.position ? found : undefined;
    });
    // A raise beyond what the cap leaves: it would show.
    const raised = state.connectors.filter(
      ({ key, allocationA }) => (oldA.get(key) ?? 0) > allocationA + 0.5,
    );
    expect(raised.length).toBeGreaterThan(0);
    expect(state.nodes[0]?.allocatedA[0]).toBeLessThanOrEqual(capA + 0.01);
  }
  zombie.process.resume();
  await trial.cluster.ownedOnce('optimizer');
  expect(heldA(site)).toBeLessThanOrEqual(capA + 0.01);
});

it('a command service that was paused sends nothing any more', async () => {
  const { cluster, fleet } = trial;
  const site = 'site-2';
  const zombie = await makeZombie(site, 'command');
  await cut(site);
  const [stale = []] = await arrive(zombie, 'command', site);
  // Whatever comes after it on the bus reaches a station: ingress has passed it.
  for (const { id, protocol } of stationsOf(site)) {
    const [action, question] =
      protocol === 'ocpp1.6'
        ? (['GetConfiguration', { key: ['HeartbeatInterval'] }] as const)
        : (['TriggerMessage', { requestedMessage: 'Heartbeat' }] as const);
    expect(await cluster.apis[1]?.call(id, action, question)).toMatchObject({ status: 200 });
  }
  zombie.process.resume();
  await cluster.ownedOnce('command');
  const calls = stale.map(({ data }) => String(data.call));
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.filter((call) => fleet.callsHeard.has(call))).toEqual([]);
  expect(heldA(site)).toBeLessThanOrEqual(capA + 0.01);
});

it('leaves a record that holds', async () => {
  const { answered } = await trial.judge();
  expect(answered).toBeGreaterThan(50);
});
