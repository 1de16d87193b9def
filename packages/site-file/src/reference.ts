// What follows from the form for people and editors: the reference tables and the JSON Schema.

import { z } from 'zod';
import { siteFormSchema } from './form.js';
import { connectorDefaultsSchema } from './station-form.js';

/** They may stand at a station too, and are explained once. */
const CONNECTOR_KEYS: readonly string[] = Object.keys(connectorDefaultsSchema.shape);

interface Property {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly otherwise?: string;
}

interface Section extends Property {
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

const SECTIONS: readonly { readonly heading: string; readonly name: string | null }[] = [
  { heading: 'Site', name: null },
  { heading: '`grid`, and each of `nodes`', name: 'node' },
  { heading: '`unmanaged`, when it is metered', name: 'meteredLoad' },
  { heading: '`transformer`', name: 'transformer' },
  { heading: 'Each of `stations`', name: 'station' },
  { heading: 'Each of `connectors`', name: 'connector' },
  { heading: '`defaults`', name: 'defaults' },
  { heading: '`control`', name: 'control' },
  { heading: '`needs`', name: 'needs' },
  { heading: '`plan`', name: 'plan' },
  { heading: 'Each of `tariff`', name: 'tariff' },
  { heading: '`battery`', name: 'battery' },
  { heading: '`pv`', name: 'pv' },
];

type RootSection = Section & { readonly $defs: Readonly<Record<string, Section>> };

function jsonSchema(keepWords: boolean) {
  return z.toJSONSchema(siteFormSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema: schema }) => {
      // zod drops these two where a text becomes a number; here they are what is written, as the schema is.
      const meta = z.globalRegistry.get(zodSchema as unknown as z.ZodType);
      if (meta?.default !== undefined) schema.default = meta.default as typeof schema.default & object;
      if (meta?.examples !== undefined) schema.examples = meta.examples as unknown[];
      // Ours, for the tables: no keyword of JSON Schema.
      if (!keepWords) delete schema.otherwise;
    },
  });
}

/** JSON Schema of the form, for editors. */
export function siteFileJsonSchema(): object {
  const { $schema, ...schema } = jsonSchema(false);
  return { $schema, title: 'Ampledger site file', ...schema };
}

/** The reference tables, in Markdown. */
export function referenceTables(): string {
  const schema = jsonSchema(true) as RootSection;
  return SECTIONS.map(({ heading, name }) =>
    table(heading, name === null ? schema : schema.$defs[name]),
  ).join('\n\n');
}

function table(heading: string, section: Section | undefined): string {
  const inherited = heading.includes('stations') ? CONNECTOR_KEYS : [];
  const own = Object.entries(section?.properties ?? {}).filter(([key]) => !inherited.includes(key));
  const rows = own.map(([key, property]) => {
    const required = section?.required?.includes(key) ?? false;
    return `| \`${key}\` | ${property.title ?? ''} | ${otherwise(property, required)} | ${property.description ?? ''} |`;
  });
  const intro = section?.description === undefined ? [] : [section.description, ''];
  return [
    `**${heading}**`,
    '',
    ...intro,
    '| key | value | default | meaning |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function otherwise(property: Property, required: boolean): string {
  if (required) return '*required*';
  if (property.default !== undefined) return `\`${String(property.default)}\``;
  return property.otherwise ?? '';
}

export const BEGIN = '<!-- site-file-reference:begin (generated: do not edit) -->';
export const END = '<!-- site-file-reference:end -->';

/** The page with the text between the two markers replaced; undefined when it has no markers. */
export function withReference(page: string): string | undefined {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) return undefined;
  return `${page.slice(0, begin + BEGIN.length)}\n\n${referenceTables()}\n\n${page.slice(end)}`;
}
