// What happened lately, newest first.

import type { SiteView } from '@ampledger/domain';
import { useState } from 'preact/hooks';
import { allLines, type Log, type LogLine } from '../model/log.js';
import type { Mark } from '../words/events.js';
import { dayAndTime, listMoment } from '../words/format.js';

const SIGNS: Readonly<Record<Mark, string>> = {
  plus: '▶',
  minus: '■',
  cap: '▼',
  alarm: '▲',
  link: '⇄',
  dot: '·',
};

export function LogPanel({ log, view }: { readonly log: Log; readonly view: SiteView }) {
  const [everything, setEverything] = useState(false);
  const lines = everything ? allLines(log) : log.story;
  return (
    <section class="panel area-log" aria-labelledby="log-title">
      <div class="panel-head">
        <h2 id="log-title">What happened</h2>
        <label class="panel-note">
          <input
            type="checkbox"
            checked={everything}
            onChange={(event) => setEverything(event.currentTarget.checked)}
          />{' '}
          every step
        </label>
      </div>
      {lines.length === 0 && <p class="quiet-words">Nothing yet.</p>}
      <ol class="log">
        {lines.map((line) => (
          <Line key={line.position} line={line} view={view} />
        ))}
      </ol>
    </section>
  );
}

function Line({ line, view: { at, timeZone } }: { readonly line: LogLine; readonly view: SiteView }) {
  return (
    <li class={`line mark-${line.mark}`}>
      <time dateTime={new Date(line.at).toISOString()} title={dayAndTime(line.at, timeZone)}>
        {listMoment(line.at, at, timeZone)}
      </time>
      <span class="line-sign" aria-hidden="true">
        {SIGNS[line.mark]}
      </span>
      <span>{line.text}</span>
    </li>
  );
}
