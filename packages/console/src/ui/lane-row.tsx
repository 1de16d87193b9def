// One lane of a node: its bar, its figures, and whether its limit holds cars back.

import { laneBar, type Span } from '../model/bar.js';
import { type Held, isOver, isOverOffered, type Lane, loadOf, reachOf } from '../model/lanes.js';
import { quantity, reading } from '../words/format.js';
import { HATCH, RESERVE_HATCH } from './patterns.js';

interface LaneRowProps {
  readonly lane: Lane;
  readonly held: Held | undefined;
  /** The selected connector is bound here. */
  readonly binds: boolean;
}

export function LaneRow({ lane, held, binds }: LaneRowProps) {
  return (
    <div class={`lane ${held ? 'lane-holds' : ''} ${binds ? 'lane-binds' : ''}`}>
      <span class="lane-label">{lane.label}</span>
      <LaneBar lane={lane} />
      <span class="lane-figures">
        <b class={isOver(lane) ? 'over' : ''}>{reading(loadOf(lane))}</b>
        {lane.limit === null ? ` ${lane.unit}` : ` / ${quantity(lane.limit, lane.unit)}`}
      </span>
      <span class="lane-note">
        <LaneNote lane={lane} held={held} />
      </span>
    </div>
  );
}

/** The most pressing thing to say of the lane. */
function LaneNote({ lane, held }: Pick<LaneRowProps, 'lane' | 'held'>) {
  if (isOver(lane)) return <span class="over">over its limit</span>;
  if (isOverOffered(lane)) {
    return (
      <span class="held" title="Stations may hold more than the limit leaves">
        <span aria-hidden="true">▲</span> may reach {reading(reachOf(lane))}
      </span>
    );
  }
  return held ? <HeldMark held={held} /> : <>may reach {reading(reachOf(lane))}</>;
}

function HeldMark({ held }: { readonly held: Held }) {
  return (
    <span class="held">
      <span aria-hidden="true">◆</span> holds back {held.held}
    </span>
  );
}

function LaneBar({ lane }: Pick<LaneRowProps, 'lane'>) {
  const bar = laneBar(lane);
  return (
    <svg class="bar" role="img" aria-label={laneWords(lane)}>
      <title>{laneWords(lane)}</title>
      <rect class="bar-track" width="100%" height="100%" />
      <Part span={bar.reserve} fill={RESERVE_HATCH} />
      <Part span={bar.offered} class="bar-offered" />
      <Part span={bar.drawn} class="bar-drawn" />
      <Part span={bar.unmanaged} fill={HATCH} />
      {bar.limit !== null && <rect class="bar-limit" x={`${bar.limit}%`} width="2.5" height="100%" />}
    </svg>
  );
}

function Part({ span, ...look }: { readonly span: Span; readonly class?: string; readonly fill?: string }) {
  return <rect x={`${span.from}%`} width={`${Math.max(0, span.to - span.from)}%`} height="100%" {...look} />;
}

function laneWords(lane: Lane): string {
  const say = (value: number): string => quantity(value, lane.unit);
  return [
    `${lane.label}: cars draw ${say(lane.drawn)}`,
    `stations may hold ${say(lane.offered)}`,
    `other load ${say(lane.unmanaged)}`,
    ...(lane.reserve > 0 ? [`reserve ${say(lane.reserve)}`] : []),
    lane.limit === null ? 'no limit' : `limit ${say(lane.limit)}`,
  ].join(', ');
}
