// The capacity limits in force beside the ratings: whose, where, how much, until when.

import type { EnvelopeView, SiteView } from '@ampledger/domain';
import { envelopesInForce } from '../model/cap.js';
import { amperes, kilowatts, nameOfNode, shortMoment, sourceName } from '../words/format.js';

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
          <span class="envelope-limit">{limitWords(envelope)}</span>
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

function limitWords({ limitA, limitW }: EnvelopeView): string {
  const current =
    limitA === null ? [] : [new Set(limitA).size === 1 ? amperes(limitA[0]) : `${limitA.join(' / ')} A`];
  const power = limitW === null ? [] : [kilowatts(limitW)];
  return [...current, ...power].join(', ') || 'no limit';
}

function spanWords({ state, from, to }: EnvelopeView, { at, timeZone }: SiteView): string {
  const moment = (instant: number): string => shortMoment(instant, at, timeZone);
  if (state === 'announced')
    return `from ${from === null ? 'soon' : moment(from)}${to === null ? '' : ` to ${moment(to)}`}`;
  const until = to === null ? 'until removed' : `until ${moment(to)}`;
  return state === 'fallback' ? `its source is silent: fallback, ${until}` : until;
}
