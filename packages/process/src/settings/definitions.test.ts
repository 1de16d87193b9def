import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { addSettingsOptions } from './add-options.js';
import { ALL_VARIABLES, DEFINITIONS } from './all.js';
import { apiSettings } from './api.js';
import { ingressSettings } from './ingress.js';
import { loadSettings } from './load-settings.js';
import { recorderSettings } from './recorder.js';
import { settingsReference } from './reference.js';
import { envOf, flagOf } from './setting.js';
import { toolSettings } from './tools.js';

const directory = mkdtempSync(join(tmpdir(), 'ampledger-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));

const fileOf = (text: string): string => {
  const path = join(directory, `${Math.abs(text.length)}.yaml`);
  writeFileSync(path, text);
  return path;
};
const BACKBONE = { AMPLEDGER_KAFKA_BROKERS: 'k:9092', AMPLEDGER_EVENT_STORE_URL: 'esdb://s:2113?tls=false' };

it('docs/settings.md says what the definitions say (npm run docs)', () => {
  const page = readFileSync(new URL('../../../../docs/settings.md', import.meta.url), 'utf8');
  expect(page).toBe(settingsReference());
});

describe.each(DEFINITIONS.map((definition) => [definition.name, definition] as const))(
  '%s',
  (name, definition) => {
    it('has a help of one line and a name that splits into words', () => {
      for (const [key, { help }] of Object.entries(definition.settings)) {
        expect(key).toMatch(/^[a-z]+(?:[A-Z][a-z]+)*$/);
        expect(help, key).toMatch(/^.{3,120}$/);
      }
    });

    it('has defaults that read as what they are', () => {
      for (const [key, { kind, default: usual, isSecret }] of Object.entries(definition.settings)) {
        const value = usual?.value();
        if (usual === undefined || value === null) continue;
        expect(isSecret, key).toBe(false);
        const shown = usual.shown.startsWith('<') ? value : usual.shown;
        expect(kind.schema.safeParse(shown), key).toEqual({ success: true, data: value });
      }
    });

    it('needs nothing but bus, store and what only an operator can know', () => {
      const required = Object.entries(definition.settings).filter(
        ([, { default: usual }]) => usual === undefined,
      );
      const expected = name === 'tools' ? [] : ['kafkaBrokers', 'eventStoreUrl'];
      if (name === 'ingress') expected.unshift('pseudonymKey');
      expect(required.map(([key]) => key)).toEqual(expected);
    });
  },
);

describe('names', () => {
  it('are known as variables, those of secrets also with _FILE', () => {
    const some = ['AMPLEDGER_CONFIG', 'AMPLEDGER_OCPP_PORT', 'AMPLEDGER_PSEUDONYM_KEY_FILE'];
    expect(ALL_VARIABLES).toEqual(expect.arrayContaining(some));
    expect(ALL_VARIABLES).not.toContain('AMPLEDGER_OCPP_PORT_FILE');
    expect(new Set(ALL_VARIABLES).size).toBe(ALL_VARIABLES.length);
  });

  it('follow from one', () => {
    expect(flagOf('kafkaSaslMechanism')).toBe('--kafka-sasl-mechanism');
    expect(envOf('kafkaSaslMechanism')).toBe('AMPLEDGER_KAFKA_SASL_MECHANISM');
  });
});

describe('loadSettings', () => {
  it('reads the file that a flag or a variable names', () => {
    const path = fileOf('batchMs: 100\nocppPort: 1\nsites: [a.yaml]\n');
    for (const given of [
      { flags: { config: path }, env: BACKBONE },
      { flags: {}, env: { ...BACKBONE, AMPLEDGER_CONFIG: path } },
    ]) {
      const read = loadSettings(recorderSettings, given);
      expect(read.ok && read.value.values).toMatchObject({
        batchMs: 100,
        batchEvents: 2000,
        adminPort: 9402,
      });
    }
  });

  it('says which file cannot be read', () => {
    const path = join(directory, 'none.yaml');
    const read = loadSettings(recorderSettings, { flags: { config: path }, env: BACKBONE });
    expect(read.ok ? '' : read.error[0]).toMatch(`--config=${path}: cannot be read: ENOENT`);
  });

  it('wants a whole login at the brokers', () => {
    const env = { ...BACKBONE, AMPLEDGER_KAFKA_SASL_USERNAME: 'me' };
    expect(loadSettings(apiSettings, { flags: {}, env })).toMatchObject({ ok: false });
    expect(loadSettings(toolSettings, { flags: {}, env: {} })).toMatchObject({ ok: true });
  });

  it('gives the pseudonym key as bytes', () => {
    const env = { ...BACKBONE, AMPLEDGER_PSEUDONYM_KEY: 'ab'.repeat(32) };
    const read = loadSettings(ingressSettings, { flags: {}, env });
    expect(read.ok && read.value.values.pseudonymKey).toEqual(Buffer.alloc(32, 0xab));
  });

  it('takes a file that is too large for none', () => {
    const read = loadSettings(apiSettings, {
      flags: { config: fileOf('#'.repeat(1_048_577)) },
      env: BACKBONE,
    });
    expect(read.ok ? '' : read.error[0]).toMatch(/too many/);
  });
});

describe('addSettingsOptions', () => {
  it('adds a flag for each, and for each secret one for its file', () => {
    const added = new Map<string, string>();
    const repeated: string[] = [];
    addSettingsOptions(
      {
        option(flags, description, parse) {
          added.set(flags, description);
          if (parse('b', 'a') === 'a,b') repeated.push(flags);
        },
      },
      apiSettings,
    );
    expect(added.get('--port <port>')).toBe(
      'the port for them; 0 is any free one (env: AMPLEDGER_PORT; default: 8220)',
    );
    expect(added.get('--event-store-url-file <file>')).toContain('AMPLEDGER_EVENT_STORE_URL_FILE');
    expect(added.get('--kafka-brokers <host:port,...>')).toContain('required');
    expect(repeated).toEqual(['--sites <file,...>', '--kafka-brokers <host:port,...>']);
  });
});
