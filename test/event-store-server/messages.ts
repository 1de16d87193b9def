// Between the protocol's messages and the server's own events.

import type { Expected, Proposed, Stored } from './history.js';
import type { ReadReq, ReadResp, StreamIdentifier, UUID } from './protocol.js';
import { sharedPb, streamsPb } from './protocol.js';

/** .NET counts hundreds of nanoseconds. */
const TICKS_PER_MS = 10_000n;

export const nameOf = (identifier: StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

export function identifierOf(stream: string): StreamIdentifier {
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  return identifier;
}

export function uuidOf(id: string): UUID {
  const uuid = new sharedPb.UUID();
  uuid.setString(id);
  return uuid;
}

export function idOf(uuid: UUID | undefined): string {
  const structured = uuid?.getStructured();
  if (!structured) return uuid?.getString() ?? '';
  const hex = [structured.getMostSignificantBits(), structured.getLeastSignificantBits()]
    .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

interface ProposedMessage {
  getId(): UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getCustomMetadata_asU8(): Uint8Array;
  getData_asU8(): Uint8Array;
}

export function proposedOf(message: ProposedMessage): Proposed {
  const map = message.getMetadataMap();
  return {
    id: idOf(message.getId()),
    type: map.get('type') ?? '',
    isJson: map.get('content-type') === 'application/json',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  };
}

/** What both forms of an append say about the revision that they expect. */
interface ExpectedOptions {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

export function expectedOf(options: ExpectedOptions, revision: () => string): Expected {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'none';
  return options.hasStreamExists() ? 'exists' : Number(revision());
}

export function eventMessage(event: Stored): ReadResp {
  const recorded = new streamsPb.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(uuidOf(event.id));
  recorded.setStreamIdentifier(identifierOf(event.stream));
  recorded.setStreamRevision(String(event.revision));
  recorded.setCommitPosition(String(event.commit));
  recorded.setPreparePosition(String(event.commit));
  recorded.setData(event.data);
  recorded.setCustomMetadata(event.metadata);
  const map = recorded.getMetadataMap();
  map.set('type', event.type);
  map.set('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  map.set('created', String(BigInt(event.createdMs) * TICKS_PER_MS));
  const read = new streamsPb.ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(String(event.commit));
  const response = new streamsPb.ReadResp();
  response.setEvent(read);
  return response;
}

export interface Filter {
  isWanted(event: Stored): boolean;
  /** When one prefix of stream names says it all. */
  readonly streamPrefix?: string;
  /** After how many events that nobody wanted a checkpoint is sent. */
  readonly checkpointEvents: number;
}

const WINDOW_EVENTS = 32;

export function filterOf(options: ReadReq.Options): Filter | undefined {
  const filter = options.getFilter();
  if (!filter) return undefined;
  const onStream = filter.getStreamIdentifier();
  const expression = onStream ?? filter.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  const source = expression?.getRegex() ?? '';
  const regex = source === '' ? undefined : new RegExp(source);
  const window = filter.hasMax() ? filter.getMax() : WINDOW_EVENTS;
  const [prefix] = prefixes;
  return {
    isWanted: ({ stream, type }) => {
      const name = onStream ? stream : type;
      return regex ? regex.test(name) : prefixes.some((start) => name.startsWith(start));
    },
    ...(onStream && !regex && prefixes.length === 1 && prefix !== undefined ? { streamPrefix: prefix } : {}),
    checkpointEvents: window * Math.max(1, filter.getCheckpointintervalmultiplier()),
  };
}
