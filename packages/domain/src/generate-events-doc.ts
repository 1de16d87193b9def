// docs/events.md, made from the schemas of the events. Run after a build:
// node packages/domain/dist/generate-events-doc.js

import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { EVENT_DOCS, type EventDoc, STREAMS } from './event-docs.js';
import { EVENT_SCHEMAS, EVENT_VERSIONS, type EventType } from './event-types.js';

const TYPES = Object.keys(EVENT_SCHEMAS) as EventType[];

const INTRODUCTION = `# Events

Everything that the engine knows is one of these events; its state is a fold over them. This page is generated
from their schemas.

Around its data, every event carries an id that follows from what it tells (telling it twice changes nothing), its
stream and place in it, its position in the whole log, the time of receipt, the station's own time where it gave
one, the event that caused it, and the raw frame behind it with secrets removed.

Instants are milliseconds since 1970, UTC. Units stand at the end of a name: \`A\` amperes on each phase, \`W\` watts,
\`Wh\` watt-hours, \`S\` seconds, \`Pct\` percent. Three currents are those on L1, L2 and L3. Phases are 0, 1 and 2.
A connector is named \`<station>/<evseId>\`, a session \`<station>:<transaction>\`. Days in the names of streams are
UTC, \`yyyymmdd\`.`;

export function generateEventsDoc(): string {
  const groups = [...new Set(TYPES.map((type) => EVENT_DOCS[type].group))];
  return `${[INTRODUCTION, overview(), ...groups.map(groupText)].join('\n\n')}\n`;
}

function overview(): string {
  const rows = TYPES.map((type) => `| [${type}](#${type.toLowerCase()}) | ${EVENT_DOCS[type].says} |`);
  return ['| event | what it says |', '|---|---|', ...rows].join('\n');
}

function groupText(group: EventDoc['group']): string {
  const types = TYPES.filter((type) => EVENT_DOCS[type].group === group);
  return [`## ${group}`, ...types.map(eventText)].join('\n\n');
}

function eventText(type: EventType): string {
  const { says, stream } = EVENT_DOCS[type];
  const schema = z.toJSONSchema(EVENT_SCHEMAS[type], { io: 'input' }) as JsonSchema;
  const rows = fieldRows(schema, '').map(({ name, text }) => `| \`${name}\` | ${text} |`);
  const facts = `Version ${EVENT_VERSIONS[type]}. Stream: ${STREAMS[stream]}.`;
  return [`### ${type}`, '', says, '', facts, '', '| field | type |', '|---|---|', ...rows].join('\n');
}

/** What `z.toJSONSchema` may say of an event: no more is read here. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | boolean;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly $ref?: string;
}

interface Row {
  readonly name: string;
  readonly text: string;
}

/** One row for each field; the fields of an object within follow it, `outer.inner` or `list[].inner`. */
function fieldRows(schema: JsonSchema, prefix: string): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = `${prefix}${key}`;
    const optional = schema.required?.includes(key) ? '' : ', optional';
    const { inner, step } = within(field);
    return [
      { name, text: `${typeText(field)}${optional}` },
      ...(inner ? fieldRows(inner, `${name}${step}.`) : []),
    ];
  });
}

/** The object that a field is or lists, and how its fields are reached; none where it is a choice of several. */
function within(field: JsonSchema): { readonly inner?: JsonSchema; readonly step: string } {
  if (field.properties) return { inner: field, step: '' };
  if (typeof field.items === 'object' && field.items.properties) return { inner: field.items, step: '[]' };
  const choices = choicesOf(field).filter((choice) => choice.type !== 'null');
  const [only] = choices;
  return choices.length === 1 && only?.properties ? { inner: only, step: '' } : { step: '' };
}

const choicesOf = (schema: JsonSchema): readonly JsonSchema[] => schema.anyOf ?? schema.oneOf ?? [];

function typeText(schema: JsonSchema): string {
  const choices = choicesOf(schema);
  if (choices.length > 0) return choices.map((choice) => choiceText(choice)).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  // Only `z.json()` refers to itself.
  if (schema.$ref !== undefined || schema.type === undefined) return 'any JSON';
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  return types.map((type) => plainTypeText(type, schema)).join(' or ');
}

function plainTypeText(type: string, schema: JsonSchema): string {
  if (type === 'array') return listText(schema);
  if (type === 'object') return schema.properties ? 'object' : mapText(schema);
  if (type === 'string')
    return schema.maxLength === undefined ? 'text' : `text of at most ${schema.maxLength}`;
  return type;
}

/** Where objects are alternatives, each shows its fields. */
function choiceText(choice: JsonSchema): string {
  if (!choice.properties || Object.keys(choice.properties).length === 0) return typeText(choice);
  const discriminated = Object.values(choice.properties).some((field) => field.const !== undefined);
  if (!discriminated) return 'object';
  const fields = Object.entries(choice.properties).map(([key, field]) => `${key}: ${typeText(field)}`);
  return `{ ${fields.join('; ')} }`;
}

function listText({ prefixItems, items }: JsonSchema): string {
  if (prefixItems) return `[${prefixItems.map(typeText).join(', ')}]`;
  if (typeof items !== 'object') return 'list';
  return items.properties ? 'list of objects' : `list of ${typeText(items)}`;
}

function mapText({ additionalProperties }: JsonSchema): string {
  if (typeof additionalProperties !== 'object' || additionalProperties.$ref !== undefined)
    return 'JSON object';
  return `map of text to ${typeText(additionalProperties)}`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(fileURLToPath(new URL('../../../docs/events.md', import.meta.url)), generateEventsDoc());
}
