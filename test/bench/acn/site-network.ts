// The topology as the product models a site: a node for each delta-wye transformer with the lines of both
// sides, below it a node for each pod or panel, and connectors on the legs AB, BC, CA.

import type { Network } from '../../../optimizer/src/solver/index.js';
import type { Network as Rows } from './network.js';
import { addLoad, createLoads } from './network.js';
import { buildNetwork, KIND, KINDS, linkOf } from './product.js';

/** Leaves are the EVSEs in the order of `rows.evses`, with nobody there: `maxA` is 0. */
export function siteNetworkOf(rows: Rows): Network {
  const places = rows.rowNames.map(placeOf);
  const transformers = namesOf(places, 'transformer');
  const panels = namesOf(places, 'panel');
  const nodes = transformers.length + panels.length;
  const limit = new Float64Array(nodes * KINDS).fill(Number.POSITIVE_INFINITY);
  const parent = new Int32Array(nodes).fill(-1);
  const node = new Int32Array(rows.evses.length).fill(-1);
  const leg = rows.evses.map((_, evse) => legOf(rows, places, evse));
  places.forEach(({ at, name, side, line }, row) => {
    const own =
      at === 'transformer' ? transformers.indexOf(name) : transformers.length + panels.indexOf(name);
    const members = membersOf(rows, row);
    const limitA = rows.limitA[row] ?? Number.NaN;
    if (side === 'leg') limit[linkOf(own, leg[members[0]?.evse ?? 0] ?? 0)] = limitA;
    else
      limit[linkOf(own, (side === 'primary' ? KIND.primaryA : KIND.lineA) + line)] =
        limitA * (side === 'primary' ? TURNS : 1);
    for (const { evse } of members) if (at === 'panel' || node[evse] === -1) node[evse] = own;
  });
  // A panel hangs on the transformer whose rows its connectors enter.
  places.forEach(({ at, name }, row) => {
    if (at !== 'transformer') return;
    for (const { evse } of membersOf(rows, row)) {
      const on = node[evse] ?? 0;
      if (on >= transformers.length) parent[on] = transformers.indexOf(name);
    }
  });
  const of = (value: number): Float64Array => new Float64Array(rows.evses.length).fill(value);
  return buildNetwork({
    parent,
    limit,
    leaf: {
      node,
      phases: leg.map((l) => 1 << l),
      wattsPerA: of(rows.voltageV),
      minA: of(0),
      maxA: of(0),
      weight: of(1),
      priority: of(0),
    },
  });
}

/** The rows' coefficients on the primary side are quarters. */
const TURNS = 4;

interface Place {
  readonly at: 'transformer' | 'panel';
  readonly name: string;
  readonly side: 'secondary' | 'primary' | 'leg';
  readonly line: number;
}

/** `<transformer> Secondary A`, `<panel> I_b`, or a pod of connectors on one leg. */
function placeOf(rowName: string): Place {
  const transformer = /^(.*?) ?(Secondary|Primary) ([ABC])$/.exec(rowName);
  if (transformer) {
    const [, name = '', side, line = ''] = transformer;
    return {
      at: 'transformer',
      name,
      side: side === 'Primary' ? 'primary' : 'secondary',
      line: 'ABC'.indexOf(line),
    };
  }
  const panel = /^(.*) I_([abc])$/.exec(rowName);
  if (panel)
    return { at: 'panel', name: panel[1] ?? '', side: 'secondary', line: 'abc'.indexOf(panel[2] ?? '') };
  return { at: 'panel', name: rowName, side: 'leg', line: 0 };
}

const namesOf = (places: readonly Place[], at: Place['at']): readonly string[] => [
  ...new Set(places.filter((place) => place.at === at).map(({ name }) => name)),
];

interface Member {
  readonly evse: number;
  readonly re: number;
  readonly im: number;
}

function membersOf(rows: Rows, row: number): readonly Member[] {
  const loads = createLoads(rows);
  return rows.evses.flatMap((_, evse) => {
    loads.re.fill(0);
    loads.im.fill(0);
    addLoad(rows, loads, evse, 1);
    const [re, im] = [loads.re[row] ?? 0, loads.im[row] ?? 0];
    return re === 0 && im === 0 ? [] : [{ evse, re, im }];
  });
}

/** AB enters the secondary lines A and B, BC lines B and C, CA lines C and A. */
function legOf(rows: Rows, places: readonly Place[], evse: number): number {
  const lines = places.flatMap(({ at, side, line }, row) =>
    at === 'transformer' && side === 'secondary' && membersOf(rows, row).some((m) => m.evse === evse)
      ? [line]
      : [],
  );
  const leg = [0, 1, 2].find((l) => lines.includes(l) && lines.includes((l + 1) % 3));
  if (leg === undefined || lines.length !== 2) throw new Error(`${rows.evses[evse]?.id} is on no leg`);
  return leg;
}
