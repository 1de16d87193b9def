// The capacity limits in force beside the ratings: whose, where, how much, until when.

import type { EnvelopeView, SiteView } from '@ampledger/domain';
import { envelopesInForce } from '../model/cap.js';
import { fallbackWords, limitWords } from '../words/envelope.js';
import { nameOfNode, shortMoment, sourceName } from '../words/format.js';

interface EnvelopesProps {
  readonly view: SiteView;
  readonly disabled: boolean;
  readonly onRemove: (node: string) => void;
}

export function Envelopes({ view, disabled, onRemove }: EnvelopesProps) {
  const envelopes = envelopesInForce(view);
  if (envelopes.length === 0)
    return <p class="quiet-words">No cap or signal in force: ratings alone hold.</p>;
  return (
    <ul class="envelopes">
      {envelopes.map((envelope) => (
        <li key={`${envelope.source} ${envelope.node}`} class={`envelope envelope-${envelope.state}`}>
          <span class="envelope-limit">{limitWords(inForce(envelope), view.wiring) ?? 'no limit'}</span>
          <span class="envelope-place">
            {nameOfNode(view, envelope.node)} · {sourceName(envelope.source)}
          </span>
          <span class="envelope-span">{spanWords(envelope, view)}</span>
          {envelope.source === 'operator' && (
            <button type="button" class="quiet" disabled={disabled} onClick={() => onRemove(envelope.node)}>
              Remove
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What holds now: the limit, or the fallback of a source that is silent. */
const inForce = (envelope: EnvelopeView): Pick<EnvelopeView, 'limitA' | 'limitW'> =>
  envelope.state === 'fallback' ? (envelope.fallback ?? envelope) : envelope;

function spanWords(envelope: EnvelopeView, { at, timeZone, wiring }: SiteView): string {
  const { state, from, to } = envelope;
  const moment = (instant: number): string => shortMoment(instant, at, timeZone);
  if (state === 'announced')
    return `from ${from === null ? 'soon' : moment(from)}${to === null ? '' : ` to ${moment(to)}`}`;
  const until = to === null ? 'until removed' : `until ${moment(to)}`;
  if (state === 'fallback')
    return `its source is silent: fallback instead of ${limitWords(envelope, wiring) ?? 'no limit'}, ${until}`;
  const fallback = fallbackWords(envelope, wiring);
  return fallback === null ? until : `${until}; ${fallback}`;
}
