// The time control: any moment of the past, frozen, and the way back to now.

import type { SiteView } from '@ampledger/domain';
import { useEffect, useState } from 'preact/hooks';
import { instantOf, wallTime } from '../model/site-time.js';
import type { PageState } from '../model/state.js';
import { dayAndTime } from '../words/format.js';
import type { Actions } from './use-page.js';

interface TimeBarProps {
  readonly state: PageState;
  readonly view: SiteView;
  readonly actions: Actions;
  readonly onClose: () => void;
}

const STEPS: readonly (readonly [string, number])[] = [
  ['−1 h', -60],
  ['−5 min', -5],
  ['−1 min', -1],
  ['+1 min', 1],
  ['+5 min', 5],
  ['+1 h', 60],
];

export function TimeBar({ state, view, actions, onClose }: TimeBarProps) {
  const { moment } = state;
  const shown = moment ?? view.at;
  const [wall, setWall] = useState(wallTime(shown, view.timeZone));
  useEffect(() => setWall(wallTime(shown, view.timeZone)), [moment, view.timeZone]);
  const chosen = instantOf(wall, view.timeZone);
  const isToCome = chosen !== undefined && chosen >= state.now;
  const step = (minutes: number): void => {
    const target = shown + minutes * 60_000;
    if (target < state.now) actions.chooseMoment(target);
    else backToLive();
  };
  const backToLive = (): void => {
    actions.chooseMoment(null);
    onClose();
  };
  return (
    <section class={`time-bar ${moment === null ? '' : 'time-bar-past'}`} aria-label="Look back">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen !== undefined) actions.chooseMoment(chosen);
        }}
      >
        <label>
          Look at{' '}
          <input
            type="datetime-local"
            step="1"
            value={wall}
            onInput={(event) => setWall(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={chosen === undefined || isToCome}>
          Show
        </button>
      </form>
      <div class="time-steps">
        {STEPS.map(([label, minutes]) => (
          <button key={label} type="button" class="quiet" onClick={() => step(minutes)}>
            {label}
          </button>
        ))}
      </div>
      <p class="time-words">
        {isToCome
          ? 'That moment is yet to come.'
          : moment === null
            ? `Times are those of ${view.timeZone}.`
            : frozenWords(state, view)}
      </p>
      <button type="button" onClick={moment === null ? onClose : backToLive}>
        {moment === null ? 'Close' : 'Back to live'}
      </button>
    </section>
  );
}

const frozenWords = (state: PageState, view: SiteView): string =>
  state.link.kind === 'lost'
    ? state.link.message
    : `The site as it was on ${dayAndTime(view.at, view.timeZone)} (${view.timeZone}).`;
