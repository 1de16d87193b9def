import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseSiteFile } from './parse-site-file.js';
import { BEGIN, END, siteFileJsonSchema, withReference } from './reference.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(root + path, 'utf8');
const REGENERATE = 'stale: build, then run node packages/site-file/dist/generate-docs.js';

describe('the generated documents are fresh', () => {
  test('docs/site-file.schema.json', () => {
    expect(JSON.parse(read('docs/site-file.schema.json')), REGENERATE).toEqual(siteFileJsonSchema());
  });

  test.each(['docs/site-file.md', 'README.md'])('%s', (path) => {
    if (path === 'README.md' && !existsSync(root + path)) return;
    expect(withReference(read(path)), REGENERATE).toBe(read(path));
  });

  test('a page without markers is left alone', () => {
    expect(withReference('# Title')).toBeUndefined();
    expect(withReference(`${END}${BEGIN}`)).toBeUndefined();
  });
});

describe('the JSON Schema', () => {
  const schema = z.fromJSONSchema(siteFileJsonSchema() as z.core.JSONSchema.JSONSchema);

  test.each(readdirSync(`${root}examples`).filter((name) => name.endsWith('.yaml')))('accepts %s', (name) => {
    expect(schema.safeParse(parse(read(`examples/${name}`))).error?.issues ?? []).toEqual([]);
  });

  test.each([
    { id: 's', timeZone: 'UTC' },
    { id: 's', timeZone: 'UTC', grid: { limit: 80 } },
    { id: 's', timeZone: 'UTC', grid: { limit: '80 A', staions: [] } },
    { id: 's', timeZone: 'UTC', grid: { limit: '80 A', stations: [{ id: 7 }] } },
  ])('refuses %j', (site) => {
    expect(schema.safeParse(site).success).toBe(false);
  });

  test('its defaults are what holds when nothing is written', () => {
    const { $defs } = siteFileJsonSchema() as {
      $defs: Record<string, { properties: Record<string, { default?: unknown }> }>;
    };
    const defaults = (name: string) =>
      Object.fromEntries(
        Object.entries($defs[name]?.properties ?? {}).flatMap(([key, { default: value }]) =>
          value === undefined ? [] : [[key, value]],
        ),
      );
    const metered = { meter: true, max: '9 A' };
    const site = (grid: object, connector: object, rest: object) =>
      parseSiteFile(
        JSON.stringify({
          id: 's',
          timeZone: 'UTC',
          ...rest,
          grid: {
            limit: '80 A',
            ...grid,
            stations: [{ id: 'A', ...connector }],
            nodes: [{ id: 'b', unmanaged: metered }],
          },
        }),
      );
    const written = site(defaults('grid'), defaults('connector'), {
      voltage: '230 V',
      control: defaults('control'),
      needs: defaults('needs'),
    });
    const plain = site({}, {}, {});
    // A load of zero is written differently and weighs the same.
    const normal = JSON.stringify(written).replace('{"kind":"constant","loadA":[0,0,0]}', '{"kind":"none"}');
    expect(JSON.parse(normal)).toEqual(plain);
    expect(Object.keys(defaults('connector'))).toEqual([
      ...['phases', 'current', 'step', 'discharge', 'priority', 'weight', 'fallback', 'idle'],
    ]);
    expect(Object.keys(defaults('control'))).toHaveLength(7);
    expect(Object.keys(defaults('needs'))).toEqual(['learn']);
    const looking = (plan: object) => site({}, {}, { plan });
    const battery = { capacity: '9 kWh', charge: '1 kW', discharge: '1 kW' };
    expect(
      looking({
        ...defaults('plan'),
        battery: { ...defaults('battery'), ...battery },
        tariff: [{ ...defaults('tariff'), price: 1 }],
      }),
    ).toEqual(looking({ battery, tariff: [{ price: 1 }] }));
    expect(Object.keys(defaults('plan'))).toHaveLength(8);
    expect([...Object.keys(defaults('battery')), ...Object.keys(defaults('tariff'))]).toHaveLength(4);
    const { properties } = siteFileJsonSchema() as { properties: Record<string, { default?: unknown }> };
    const top = { policy: properties.policy?.default, wiring: properties.wiring?.default };
    expect(site({}, {}, top)).toEqual(plain);
    expect(top).toEqual({ policy: 'balanced', wiring: 'wye' });
  });
});
