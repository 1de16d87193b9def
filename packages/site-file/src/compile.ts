// From the form to the engine's SiteConfig: the tree flattened parent first, ranges expanded, defaults filled
// in, and the checks that look at more than one value. Findings are collected, never thrown.

import { DEFAULT_CONTROL, DEFAULT_SITE, type NodeConfig, type SiteConfig } from '@ampledger/domain';
import { type NodeId, nodeId, siteId, stationId } from '@ampledger/kernel';
import { nodeConfig, transformerFindings } from './compile-node.js';
import { needsOf, planFindings, planOf } from './compile-plan.js';
import { resolveConnector, type SiteWiring } from './connector.js';
import { rounded } from './connector-amounts.js';
import type { SiteForm } from './form.js';
import { type Layer, pick } from './layers.js';
import { limitLines } from './lines.js';
import { NODES_MAX, type NodeForm, STATIONS_MAX } from './node-form.js';
import type { Finding, Path } from './problem.js';
import { expandRange } from './range.js';
import { uniqueSlug } from './slug.js';
import type { StationForm } from './station-form.js';

export const TREE_DEPTH_MAX = 32;
const DEFAULT_VOLTAGE_V = { wye: 230, delta: 208 } as const;
const ROOT_ID = 'grid';

export interface Compiled {
  readonly config: SiteConfig;
  readonly findings: readonly Finding[];
  readonly nodePlaces: ReadonlyMap<NodeId, NodePlace>;
}

/** Where a node was written, and whether what its lines carry stands in a transformer there. */
export interface NodePlace {
  readonly path: Path;
  readonly hasTransformer: boolean;
}

type StationConfig = SiteConfig['stations'][number];

export function compileSite(form: SiteForm): Compiled {
  const wiring = form.wiring ?? DEFAULT_SITE.wiring;
  const site = { wiring, voltageV: form.voltage ?? DEFAULT_VOLTAGE_V[wiring] };
  const compiler = new Compiler(form.defaults?.connector ?? {}, site);
  const root = { ...form.grid, id: form.grid.id ?? ROOT_ID };
  compiler.node(root, { parent: null, path: ['grid'], depth: 1 });
  compiler.finish();
  const { nodes, stations, findings, nodePlaces } = compiler;
  if (form.plan) findings.push(...planFindings(form.plan, (id) => nodePlaces.has(nodeId(id))));
  return {
    config: {
      id: siteId(form.id),
      ...(form.name === undefined ? {} : { name: form.name }),
      timeZone: form.timeZone,
      ...site,
      nodes: wiring === 'delta' ? limitLines({ nodes, stations }) : nodes,
      stations,
      control: controlOf(form.control),
      policy: form.policy ?? DEFAULT_SITE.policy,
      needs: needsOf(form.needs),
      plan: form.plan === undefined ? DEFAULT_SITE.plan : planOf(form.plan, nodeId(root.id)),
    },
    findings,
    nodePlaces,
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
  readonly nodePlaces = new Map<NodeId, NodePlace>();
  readonly #stationPaths = new Map<string, Path>();
  readonly #fused: { readonly form: StationForm; readonly station: number; readonly path: Path }[] = [];
  readonly #siteDefaults: Layer;
  readonly #site: SiteWiring;

  constructor(defaults: Layer['keys'], site: SiteWiring) {
    this.#siteDefaults = { keys: defaults, path: ['defaults', 'connector'] };
    this.#site = site;
  }

  node(form: NodeForm, { parent, path, depth }: Place): void {
    if (depth > TREE_DEPTH_MAX) {
      this.#find(path, `the tree is more than ${TREE_DEPTH_MAX} nodes deep`, 'a flatter tree');
      return;
    }
    const id = nodeId(form.id ?? ROOT_ID);
    if (this.nodePlaces.has(id)) {
      const at = form.id === undefined ? path : [...path, 'id'];
      this.#find(at, `node id \`${id}\` is taken`, 'an id that no other node has');
    } else {
      this.nodePlaces.set(id, { path, hasTransformer: form.transformer !== undefined });
      this.nodes.push(nodeConfig(form, id, parent));
    }
    this.#transformer(form, path);
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

  #transformer({ transformer }: NodeForm, nodePath: Path): void {
    if (transformer === undefined) return;
    const path = [...nodePath, 'transformer'];
    if (this.#site.wiring === 'delta')
      this.findings.push(...transformerFindings(transformer, path, this.#site.voltageV));
    else this.#find(path, '`transformer` in a site with `wiring: wye`', '`wiring: delta` at the site');
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
    const all = written.map((connector, i) => {
      const at = form.connectors === undefined ? path : [...path, 'connectors', i];
      const own: Layer[] = form.connectors === undefined ? [] : [{ keys: connector, path: at }];
      return { id: connector.id, at, layers: [...own, { keys: form, path }] };
    });
    const module = this.#module(form, path, all);
    const seen = new Set<number>();
    return all.map(({ id, at, layers }) => {
      if (seen.has(id)) {
        const expected = 'an id that no other connector of the station has';
        this.#find([...at, 'id'], `connector id ${id} is taken`, expected);
      }
      seen.add(id);
      const resolved = resolveConnector(id, [...layers, ...module, this.#siteDefaults], this.#site);
      this.findings.push(...resolved.findings);
      return resolved.config;
    });
  }

  /** A cabinet's module is the step of its connectors: a layer behind the station's own keys. */
  #module(form: StationForm, path: Path, connectors: readonly { layers: readonly Layer[] }[]): Layer[] {
    if (form.module === undefined) return [];
    const at = [...path, 'module'];
    if (form.step !== undefined || form.steps !== undefined)
      this.#find(at, '`module` beside `step` or `steps`', 'one of them');
    if (
      connectors.some(({ layers }) => pick('current', [...layers, this.#siteDefaults], 'ac').value === 'ac')
    ) {
      this.#find(at, '`module` at a station that has AC connectors', '`current: dc` for all its connectors');
      return [];
    }
    return [{ keys: { step: { dimension: 'power', value: form.module } }, path, names: { step: 'module' } }];
  }

  #fuse(form: StationForm, index: number, path: Path): void {
    const station = this.stations[index];
    if (station === undefined) return;
    const id = nodeId(uniqueSlug(station.id, (slug) => this.nodePlaces.has(nodeId(slug))));
    this.nodePlaces.set(id, { path, hasTransformer: false });
    const limit = gridLimit(form.limit, station.connectors);
    this.nodes.push(nodeConfig({ limit, name: station.id }, id, station.node));
    this.stations[index] = { ...station, node: id };
  }

  #find(path: Path, message: string, expected: string): void {
    this.findings.push({ path, message, expected });
  }
}

/**
 * What a cabinet for DC is rated for is what it gives; its connectors are written so too. Where they differ in
 * efficiency, the least of the grid's power counts.
 */
function gridLimit(
  limit: StationForm['limit'],
  connectors: StationConfig['connectors'],
): StationForm['limit'] {
  if (limit === undefined || limit.powerW === null) return limit;
  if (connectors.some(({ current }) => current === 'ac')) return limit;
  const efficiency = Math.max(...connectors.map((connector) => connector.efficiency));
  return { ...limit, powerW: rounded(limit.powerW / efficiency) };
}
