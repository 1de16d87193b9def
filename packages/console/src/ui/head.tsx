// The head: which site, whether what is shown is live, and of what time it is.

import type { PageState } from '../model/state.js';
import { clockSecond, dayAndTime, duration, siteName } from '../words/format.js';
import type { Actions } from './use-page.js';

interface HeadProps {
  readonly state: PageState;
  readonly actions: Actions;
  readonly looksBack: boolean;
  readonly onLookBack: () => void;
}

export function Head({ state, actions, looksBack, onLookBack }: HeadProps) {
  return (
    <header class="head">
      <div class="head-name">
        <span class="brand">
          <img src="./favicon.svg" alt="" width="20" height="20" /> Ampledger
        </span>
        <SiteChooser state={state} actions={actions} />
      </div>
      <div class="head-time">
        <LivePill state={state} />
        <button
          type="button"
          class="quiet"
          aria-expanded={looksBack}
          onClick={onLookBack}
          disabled={state.view === null}
        >
          Look back
        </button>
      </div>
    </header>
  );
}

function SiteChooser({ state, actions }: Pick<HeadProps, 'state' | 'actions'>) {
  const sites = state.sites ?? [];
  const name = state.view ? siteName(state.view) : (state.site ?? 'No site');
  if (sites.length < 2) return <h1>{name}</h1>;
  return (
    <h1>
      <select
        class="site-chooser"
        aria-label="Site"
        value={state.site ?? ''}
        onChange={(event) => actions.chooseSite(event.currentTarget.value)}
      >
        {sites.map((site) => (
          <option key={site.id} value={site.id}>
            {siteName(site)}
          </option>
        ))}
      </select>
    </h1>
  );
}

function LivePill({ state }: { readonly state: PageState }) {
  const { view, link, moment } = state;
  const [tone, word] = pillOf(state);
  return (
    <>
      {view && (
        <time
          class="head-clock"
          dateTime={new Date(view.at).toISOString()}
          title={dayAndTime(view.at, view.timeZone)}
        >
          {clockSecond(view.at, view.timeZone)} <span class="head-zone">{view.timeZone}</span>
        </time>
      )}
      <span class={`pill pill-${tone}`}>
        <output>{word}</output>
        {/* Outside of what is read out: it changes every second. */}
        {link.kind === 'lost' && moment === null && view && (
          <span>data is {duration(state.now - state.heardAt)} old</span>
        )}
      </span>
    </>
  );
}

function pillOf({
  link,
  moment,
  needsToken,
  sites,
}: PageState): readonly ['live' | 'lost' | 'past' | 'connecting', string] {
  if (needsToken) return ['connecting', 'Token needed'];
  if (link.kind === 'lost') return ['lost', moment === null ? 'Connection lost' : 'No view of this moment'];
  if (moment !== null) return ['past', link.kind === 'live' ? 'Past' : 'Loading'];
  if (link.kind === 'live') return ['live', 'Live'];
  return ['connecting', sites?.length === 0 ? 'Waiting for a site' : 'Connecting'];
}
