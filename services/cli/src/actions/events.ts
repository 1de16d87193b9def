// Prints recorded events, and those to come.

import type { EventWire } from '@ampledger/api';
import { EVENT_SCHEMAS, type EventType } from '@ampledger/domain';
import { eventLine } from '../event-line.js';
import { CliError, EXIT } from '../exit.js';
import { print } from '../output.js';
import {
  type EventQuery,
  refuseUnknownSite,
  type Source,
  type SourceOptions,
  withSource,
} from '../source/source.js';
import { refuseBackwards } from '../time-span.js';

export interface EventsOptions extends SourceOptions {
  readonly site?: string;
  readonly station?: string;
  readonly type?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly after?: number;
  readonly limit?: number;
  readonly follow?: true;
  readonly json?: true;
}

export async function events(options: EventsOptions): Promise<void> {
  refuseBackwards(options);
  await withSource(options, (source) => printEvents(source, options));
}

async function printEvents(source: Source, options: EventsOptions): Promise<void> {
  const query = queryOf(options);
  const { follow } = source;
  if (options.follow && follow === undefined) {
    throw new CliError(EXIT.badInput, '--follow needs a running engine: name its API with --url.');
  }
  const format = options.json ? (event: EventWire) => JSON.stringify(event) : eventLine;
  let position = query.after ?? 0;
  let isEmpty = true;
  for await (const event of source.events(query)) {
    position = event.position;
    isEmpty = false;
    await print(`${format(event)}\n`);
  }
  // A site that was removed still has its events.
  if (isEmpty) await refuseUnknownSite(source, options.site);
  if (!options.follow || follow === undefined) {
    if (isEmpty) process.stderr.write('No recorded event is like that.\n');
    return;
  }
  for await (const event of follow({ ...query, after: position })) {
    if (isWanted(event, query)) await print(`${format(event)}\n`);
  }
}

function queryOf({ site, station, type, from, to, after, limit }: EventsOptions): EventQuery {
  const types = type?.map((name): EventType => {
    if (Object.hasOwn(EVENT_SCHEMAS, name)) return name as EventType;
    const known = Object.keys(EVENT_SCHEMAS).join(', ');
    throw new CliError(EXIT.badInput, `There is no event type "${name}". Types are: ${known}.`);
  });
  return {
    direction: 'forwards',
    site,
    station,
    type: types,
    from,
    to,
    after,
    ...(limit === undefined ? {} : { limit }),
  };
}

/** What the API filters in a page, filtered here in the live stream. */
function isWanted({ type, data, receivedAt }: EventWire, query: EventQuery): boolean {
  const { station, connector } = data;
  const isAbout =
    query.station === undefined ||
    station === query.station ||
    (typeof connector === 'string' && connector.startsWith(`${query.station}/`));
  const isOfType = query.type === undefined || query.type.some((wanted) => wanted === type);
  return isAbout && isOfType && (query.to === undefined || Date.parse(receivedAt) <= query.to);
}
