// What the parts of a bar mean.

import { HATCH, RESERVE_HATCH } from './patterns.js';

const ENTRIES: readonly (readonly [string, { readonly class?: string; readonly fill?: string }])[] = [
  ['other load', { fill: HATCH }],
  ['drawn by cars', { class: 'bar-drawn' }],
  ['offered: what stations may hold', { class: 'bar-offered' }],
  ['reserve', { fill: RESERVE_HATCH }],
  ['limit', { class: 'bar-limit' }],
];

export function Legend() {
  return (
    <ul class="legend">
      {ENTRIES.map(([words, look]) => (
        <li key={words}>
          <svg width={look.class === 'bar-limit' ? 3 : 14} height="12" aria-hidden="true">
            <rect width="100%" height="100%" {...look} />
          </svg>
          {words}
        </li>
      ))}
      <li>
        <span class="held" aria-hidden="true">
          ◆
        </span>
        holds cars back
      </li>
    </ul>
  );
}
