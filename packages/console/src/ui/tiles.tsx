// The site in four figures.

import type { SiteView } from '@ampledger/domain';
import { headroomOf, isOver, lanesOf, nodeLoadW, tightestLane } from '../model/lanes.js';
import { tallyOf, waitingWords } from '../words/connector-state.js';
import { figure, quantity, reading, sourceName } from '../words/format.js';

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly note: string;
  readonly tone?: 'waiting' | 'trouble' | undefined;
}

function Tile({ name, value, unit, note, tone }: TileProps) {
  return (
    <div class={`tile ${tone ? `tile-${tone}` : ''}`}>
      <dt>{name}</dt>
      <dd>
        <span class="tile-value">{value}</span> <span class="tile-unit">{unit}</span>
        <span class="tile-note">{note}</span>
      </dd>
    </div>
  );
}

export function Tiles({ view }: { readonly view: SiteView }) {
  const tally = tallyOf(view.connectors);
  const alarms = tally.alarms === 0 ? 'no alarms' : `${tally.alarms} with an alarm`;
  return (
    <dl class="tiles">
      <LoadTile view={view} />
      <RoomTile view={view} />
      <Tile
        name="Charging"
        value={String(tally.charging)}
        unit={`of ${tally.all}`}
        note={alarms}
        tone={tally.alarms > 0 ? 'trouble' : undefined}
      />
      <Tile
        name="Waiting"
        value={String(tally.waiting)}
        unit={tally.waiting === 1 ? 'car' : 'cars'}
        note={waitingWords(view.connectors)}
        tone={tally.waiting > 0 ? 'waiting' : undefined}
      />
    </dl>
  );
}

function LoadTile({ view }: { readonly view: SiteView }) {
  const [root] = view.nodes;
  if (root === undefined) return null;
  return (
    <Tile
      name="Load"
      value={reading(nodeLoadW(root, view.voltageV) / 1000)}
      unit="kW"
      note={`cars ${figure(root.drawnW / 1000)} kW`}
    />
  );
}

function RoomTile({ view }: { readonly view: SiteView }) {
  const [root] = view.nodes;
  const lane = root && tightestLane(lanesOf(root, view));
  const room = lane && headroomOf(lane);
  if (!lane || lane.limit === null || room === null || room === undefined) {
    return <Tile name="Room left" value="–" unit="" note="no limit" />;
  }
  const where = lane.phase === null ? '' : ` on ${lane.label}`;
  return (
    <Tile
      name={isOver(lane) ? 'Over the limit' : 'Room left'}
      value={reading(Math.abs(room))}
      unit={`${lane.unit}${where}`}
      note={`of ${quantity(lane.limit, lane.unit)} · ${sourceName(root.limitBy)}`}
      tone={isOver(lane) ? 'trouble' : undefined}
    />
  );
}
