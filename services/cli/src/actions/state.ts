// Prints the state of sites at a moment.

import type { SiteWire } from '@ampledger/api';
import { CliError, EXIT } from '../exit.js';
import { amperes, iso, print, printJson, round, table } from '../output.js';
import { refuseUnknownSite, type Source, type SourceOptions, withSource } from '../source/source.js';

export interface StateOptions extends SourceOptions {
  readonly at?: number;
  readonly site?: string;
  readonly json?: true;
}

export const state = (options: StateOptions): Promise<void> =>
  withSource(options, (source) => printStates(source, options));

async function printStates(source: Source, { site, at, json }: StateOptions): Promise<void> {
  const moment = at ?? null;
  const ids = site === undefined ? await source.siteIds() : [site];
  const found: SiteWire[] = [];
  for (const id of ids) {
    const state = await source.site(id, moment);
    if (state !== undefined) found.push(state);
  }
  if (found.length === 0) {
    if (at === undefined) await refuseUnknownSite(source, site);
    const which = site === undefined ? 'no site' : `no site "${site}"`;
    throw new CliError(
      EXIT.badInput,
      at === undefined ? 'There is no site yet.' : `There was ${which} at ${iso(at)}.`,
    );
  }
  if (json) await printJson(found.length === 1 ? found[0] : found);
  else await print(found.map(stateText).join('\n'));
}

function stateText(site: SiteWire): string {
  const head = `${site.name ?? site.id} (${site.id}) at ${site.at}, position ${site.position}; amperes on L1/L2/L3`;
  const nodes = site.nodes.map((node) => [
    node.id,
    `${node.limitA === null ? '-' : amperes(node.limitA)}${node.limitW === null ? '' : `, ${round(node.limitW / 1000)} kW`}`,
    node.limitBy,
    amperes(node.unmanagedA),
    amperes(node.allocatedA),
    amperes(node.offeredA),
    amperes(node.drawnA),
  ]);
  const connectors = site.connectors.map((connector) => [
    connector.key,
    connector.online ? (connector.status ?? 'online') : 'offline',
    connector.session === null ? '' : `${round(connector.session.energyWh / 1000)} kWh`,
    round(connector.allocationA),
    round(connector.offerA),
    amperes(connector.drawA),
    [connector.reason, ...connector.alarms.map((alarm) => `(${alarm})`)].join(' '),
  ]);
  return [
    head,
    table(['NODE', 'LIMIT>', 'BY', 'UNMANAGED>', 'ALLOCATED>', 'OFFERED>', 'DRAWN>'], nodes),
    table(['CONNECTOR', 'STATUS', 'SESSION>', 'GIVEN>', 'OFFER>', 'DRAW>', 'WHY'], connectors),
  ].join('\n');
}
