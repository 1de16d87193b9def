// What the page says when there is nothing to show yet.

import type { SiteView } from '@ampledger/domain';
import type { Link } from '../model/state.js';

const OCPP_PORT = 9220;
const STATIONS_NAMED = 6;

export function Opening({ link, needsToken }: { readonly link: Link; readonly needsToken: boolean }) {
  if (needsToken) return <main class="empty" />;
  return (
    <main class="empty">
      <h2>{link.kind === 'lost' ? 'The engine does not answer' : 'Opening the site'}</h2>
      <p>{link.kind === 'lost' ? `${link.message} Trying again.` : 'Its state is being read.'}</p>
    </main>
  );
}

export function NoSites() {
  return (
    <main class="empty">
      <h2>No site yet</h2>
      <p>Start the engine with a site file, or send it one:</p>
      <code>ampledger serve --site my-site.yaml --data ./data</code>
    </main>
  );
}

export function NoStations({ view }: { readonly view: SiteView }) {
  const ids = view.stations.map(({ id }) => id);
  const more = ids.length - STATIONS_NAMED;
  return (
    <div class="panel empty-stations">
      <h2>{ids.length === 0 ? 'The site file names no station yet' : 'No station has connected yet'}</h2>
      <p>Point a station's OCPP address (1.6 JSON or 2.0.1) at this engine:</p>
      <code>{`ws://${location.hostname}:${OCPP_PORT}/ocpp/<stationId>`}</code>
      {ids.length > 0 && (
        <p class="quiet-words">
          The site file names {ids.slice(0, STATIONS_NAMED).join(', ')}
          {more > 0 ? ` and ${more} more` : ''}.
        </p>
      )}
    </div>
  );
}
