// From the form to the engine's SiteConfig: the tree flattened parent first, ranges expanded, defaults filled
// in, and the checks that look at more than one value. Findings are collected, never thrown.

import {
  DEFAULT_CONTROL,
  DEFAULT_NODE,
  DEFAULT_SITE,
  type NodeConfig,
  type SiteConfig,
  type UnmanagedConfig,
} from '@ampledger/domain';
import { type NodeId, nodeId, siteId, stationId } from '@ampledger/kernel';
import { type Layer, resolveConnector } from './connector.js';
import { NODES_MAX, type NodeForm, type SiteForm, STATIONS_MAX } from './form.js';
import type { Finding, Path } from './problem.js';
import { expandRange } from './range.js';
import { uniqueSlug } from './slug.js';
import type { StationForm } from './station-form.js';

export const TREE_DEPTH_MAX = 32;
const DEFAULT_VOLTAGE_V = 230;
const DEFAULT_STALE_AFTER_S = 60;
const ROOT_ID = 'grid';

export interface Compiled {
  readonly config: SiteConfig;
  readonly findings: readonly Finding[];
  /** Where each node was written. */
  readonly nodePaths: ReadonlyMap<NodeId, Path>;
}

type StationConfig = SiteConfig['stations'][number];

export function compileSite(form: SiteForm): Compiled {
  const compiler = new Compiler(form.defaults?.connector ?? {});
  compiler.node({ ...form.grid, id: form.grid.id ?? ROOT_ID }, { parent: null, path: ['grid'], depth: 1 });
  compiler.finish();
  return {
    config: {
      ...DEFAULT_SITE,
      id: siteId(form.id),
      ...(form.name === undefined ? {} : { name: form.name }),
      timeZone: form.timeZone,
      voltageV: form.voltage ?? DEFAULT_VOLTAGE_V,
      nodes: compiler.nodes,
      stations: compiler.stations,
      control: controlOf(form.control),
    },
    findings: compiler.findings,
    nodePaths: compiler.nodePaths,
  };
}

function controlOf(form: SiteForm['control']): SiteConfig['control'] {
  return {
    leaseS: form?.lease ?? DEFAULT_CONTROL.leaseS,
    minDwellS: form?.minDwell ?? DEFAULT_CONTROL.minDwellS,
    deadbandA: form?.deadband ?? DEFAULT_CONTROL.deadbandA,
    raiseIntervalS: form?.raiseInterval ?? DEFAULT_CONTROL.raiseIntervalS,
    meterStaleS: form?.meterStale ?? DEFAULT_CONTROL.meterStaleS,
    obeyWithinS: form?.obeyWithin ?? DEFAULT_CONTROL.obeyWithinS,
    unseen: form?.unseen ?? DEFAULT_CONTROL.unseen,
  };
}

function unmanagedOf(form: NodeForm['unmanaged']): UnmanagedConfig {
  if (form === undefined) return { kind: 'none' };
  if (!('meter' in form)) return { kind: 'constant', loadA: form };
  return { kind: 'metered', maxA: form.max, staleAfterS: form.staleAfter ?? DEFAULT_STALE_AFTER_S };
}

interface Place {
  readonly parent: NodeId | null;
  readonly path: Path;
  /** The root's is 1. */
  readonly depth: number;
}

class Compiler {
  readonly nodes: NodeConfig[] = [];
  readonly stations: StationConfig[] = [];
  readonly findings: Finding[] = [];
  readonly nodePaths = new Map<NodeId, Path>();
  readonly #stationPaths = new Map<string, Path>();
  readonly #fused: { readonly form: StationForm; readonly station: number; readonly path: Path }[] = [];
  readonly #siteDefaults: Layer;

  constructor(defaults: Layer['keys']) {
    this.#siteDefaults = { keys: defaults, path: ['defaults', 'connector'] };
  }

  node(form: NodeForm, { parent, path, depth }: Place): void {
    if (depth > TREE_DEPTH_MAX) {
      this.#find(path, `the tree is more than ${TREE_DEPTH_MAX} nodes deep`, 'a flatter tree');
      return;
    }
    const id = nodeId(form.id ?? ROOT_ID);
    const before = this.nodePaths.get(id);
    if (before) {
      const at = form.id === undefined ? path : [...path, 'id'];
      this.#find(at, `node id \`${id}\` is taken`, 'an id that no other node has');
    } else {
      this.nodePaths.set(id, path);
      this.nodes.push(nodeConfig(form, id, parent));
    }
    for (const [i, station] of (form.stations ?? []).entries()) {
      this.#station(station, id, [...path, 'stations', i]);
    }
    for (const [i, child] of (form.nodes ?? []).entries()) {
      this.node(child, { parent: id, path: [...path, 'nodes', i], depth: depth + 1 });
    }
  }

  /** Nodes of stations with a fuse of their own come last: their ids give way to the ids that were written. */
  finish(): void {
    for (const { form, station, path } of this.#fused) this.#fuse(form, station, path);
    if (this.nodes.length > NODES_MAX)
      this.#find(['grid'], `the site has ${this.nodes.length} nodes`, `at most ${NODES_MAX}`);
    if (this.stations.length > STATIONS_MAX) {
      this.#find(['grid'], `the site has ${this.stations.length} stations`, `at most ${STATIONS_MAX}`);
    }
  }

  #station(form: StationForm, node: NodeId, path: Path): void {
    const connectors = this.#connectors(form, path);
    for (const id of this.#stationIds(form, path)) {
      const before = this.#stationPaths.get(id);
      if (before) {
        this.#find(
          [...path, form.id === undefined ? 'ids' : 'id'],
          `station id \`${id}\` is taken`,
          'an id that no other station has',
        );
        continue;
      }
      this.#stationPaths.set(id, path);
      this.stations.push({ id: stationId(id), node, passwordHash: form.password ?? null, connectors });
      if (form.limit !== undefined) this.#fused.push({ form, station: this.stations.length - 1, path });
      // A longer list is refused in the end, and need not be built until then.
      if (this.stations.length > STATIONS_MAX) return;
    }
  }

  #stationIds(form: StationForm, path: Path): readonly string[] {
    if ((form.id === undefined) === (form.ids === undefined)) {
      const message = form.id === undefined ? '`id` is missing' : '`id` and `ids` exclude each other';
      this.#find(path, message, 'either `id: CP001` or `ids: CP001..CP060`');
      return [];
    }
    if (form.ids === undefined) return form.id === undefined ? [] : [form.id];
    const range = expandRange(form.ids);
    if (range.ok) return range.value;
    this.#find([...path, 'ids'], range.error, 'a range of ids, such as `CP001..CP060`');
    return [];
  }

  #connectors(form: StationForm, path: Path): StationConfig['connectors'] {
    const written = form.connectors ?? [{ id: 1 }];
    const seen = new Set<number>();
    return written.map((connector, i) => {
      const at = form.connectors === undefined ? path : [...path, 'connectors', i];
      if (seen.has(connector.id))
        this.#find(
          [...at, 'id'],
          `connector id ${connector.id} is taken`,
          'an id that no other connector of the station has',
        );
      seen.add(connector.id);
      const own: Layer[] = form.connectors === undefined ? [] : [{ keys: connector, path: at }];
      const resolved = resolveConnector(connector.id, [...own, { keys: form, path }, this.#siteDefaults]);
      this.findings.push(...resolved.findings);
      return resolved.config;
    });
  }

  #fuse(form: StationForm, index: number, path: Path): void {
    const station = this.stations[index];
    if (station === undefined) return;
    const id = nodeId(uniqueSlug(station.id, (slug) => this.nodePaths.has(nodeId(slug))));
    this.nodePaths.set(id, path);
    this.nodes.push(nodeConfig({ limit: form.limit, name: station.id }, id, station.node));
    this.stations[index] = { ...station, node: id };
  }

  #find(path: Path, message: string, expected: string): void {
    this.findings.push({ path, message, expected });
  }
}

function nodeConfig(form: Omit<NodeForm, 'id'>, id: NodeId, parent: NodeId | null): NodeConfig {
  return {
    ...DEFAULT_NODE,
    id,
    ...(form.name === undefined ? {} : { name: form.name }),
    parent,
    limitA: form.limit?.currentA ?? null,
    limitW: form.limit?.powerW ?? null,
    reserveA: form.reserve ?? 0,
    unmanaged: unmanagedOf(form.unmanaged),
  };
}
