import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyText,
  duration,
  durationOrForever,
  keyBytes,
  listOf,
  oneOf,
  share,
  showDuration,
  textLike,
  webAddress,
  wholeNumber,
  yesOrNo,
} from './kind.js';
import { readSettings, type SettingsSources } from './read-settings.js';
import { defineSettings, setting } from './setting.js';

const definition = defineSettings({
  name: 'test',
  about: 'A process.',
  settings: {
    partitions: setting({ kind: wholeNumber(1, 1024), help: 'how many', default: 12 }),
    kafkaBrokers: setting({
      kind: listOf(textLike('<host:port>', /^\S+:\d+$/, 'a:1'), 'a:1,b:2'),
      help: 'where',
    }),
    password: setting({
      kind: textLike('<text>', /^\w+$/, 'letters'),
      help: 'secret',
      secret: true,
      default: null,
    }),
    kafkaSsl: setting({ kind: yesOrNo, help: 'TLS', default: false }),
    otlpEndpoint: setting({ kind: webAddress, help: 'traces', default: null, alsoEnv: ['OTEL_ENDPOINT'] }),
    retention: setting({ kind: durationOrForever, help: 'how long', default: 'forever' }),
  },
  check: ({ kafkaSsl, password }) => (kafkaSsl && password === null ? ['kafkaSsl wants a password'] : []),
});

const files: Readonly<Record<string, string>> = { '/run/password': 'from_file\n' };

function read(given: Partial<SettingsSources> & { readonly text?: string }) {
  const { text, ...sources } = given;
  return readSettings(definition, {
    flags: {},
    env: { AMPLEDGER_KAFKA_BROKERS: 'k:9092' },
    readText(path) {
      const content = files[path];
      if (content === undefined) throw new Error('no such file');
      return content;
    },
    ...(text === undefined ? {} : { file: { name: 'a.yaml', text } }),
    ...sources,
  });
}
const valuesOf = (result: ReturnType<typeof read>) => (result.ok ? result.value.values : result.error);
const errorsOf = (result: ReturnType<typeof read>) => (result.ok ? [] : result.error);

describe('precedence', () => {
  const env = { AMPLEDGER_KAFKA_BROKERS: 'k:1', AMPLEDGER_PARTITIONS: '3' };
  const text = 'partitions: 4';
  it.each([
    [{ flags: { partitions: '2' }, env, text }, 2],
    [{ env, text }, 3],
    [{ text }, 4],
    [{}, 12],
    [{ env: { ...env, AMPLEDGER_PARTITIONS: '' }, text }, 4],
  ])('of %j leads to %d', (sources, partitions) => {
    expect(valuesOf(read(sources))).toMatchObject({ partitions });
  });

  it('puts our own variable before those of others', () => {
    const others = { AMPLEDGER_KAFKA_BROKERS: 'k:1', OTEL_ENDPOINT: 'http://a:1/' };
    expect(valuesOf(read({ env: others }))).toMatchObject({ otlpEndpoint: 'http://a:1' });
    const both = { ...others, AMPLEDGER_OTLP_ENDPOINT: 'http://b:1' };
    expect(valuesOf(read({ env: both }))).toMatchObject({ otlpEndpoint: 'http://b:1' });
  });
});

describe('problems', () => {
  it('come all at once, each with its place', () => {
    const result = read({
      flags: { kafkaSsl: 'maybe' },
      env: { AMPLEDGER_PARTITIONS: 'abc', AMPLEDGER_KAFKA_BROKERS: 'a:1,b' },
      text: 'retention: 3 weeks\npartition: 5',
    });
    expect(errorsOf(result)).toEqual([
      'a.yaml: unknown setting partition; did you mean partitions?',
      'AMPLEDGER_PARTITIONS=abc: expected a whole number from 1 to 1024',
      'AMPLEDGER_KAFKA_BROKERS=a:1,b: expected a:1',
      '--kafka-ssl=maybe: expected true or false',
      'a.yaml: retention=3 weeks: expected a duration such as 500ms, 10s, 15m, 12h or 7d, or forever',
    ]);
  });

  it('say what is missing and how to set it', () => {
    expect(errorsOf(read({ env: {} }))).toEqual([
      'kafkaBrokers is missing: set --kafka-brokers, AMPLEDGER_KAFKA_BROKERS, or kafkaBrokers in the file',
    ]);
  });

  it('between settings are found once each is right', () => {
    expect(errorsOf(read({ flags: { kafkaSsl: true } }))).toEqual(['kafkaSsl wants a password']);
    expect(errorsOf(read({ flags: { kafkaSsl: true, password: 'x', partitions: '0' } }))).toHaveLength(1);
  });

  it.each([
    ['partitions: [', /^a\.yaml: /],
    ['- partitions', /^a\.yaml: expected settings by name/],
    ['a: &a [1]\npartitions: *a', /^a\.yaml: /],
  ])('of the file %j are told', (text, message) => {
    expect(errorsOf(read({ text }))[0]).toMatch(message);
  });

  it('leave names of other processes alone', () => {
    const env = {
      AMPLEDGER_KAFKA_BROKERS: 'k:1',
      AMPLEDGER_OCPP_PORT: '1',
      AMPLEDGER_PARTITION: '2',
      AMPLEDGER_A_SERVICE_HOST: 'x',
      AMPLEDGER_A_PORT_1_TCP_ADDR: 'x',
    };
    const result = read({ env, text: 'ocppPort: 1', others: ['ocppPort'] });
    expect(result.ok && result.value.warnings).toEqual([
      'Unknown variable AMPLEDGER_PARTITION; did you mean AMPLEDGER_PARTITIONS?',
    ]);
  });
});

describe('secrets', () => {
  const brokers = { AMPLEDGER_KAFKA_BROKERS: 'k:1' };

  it('may stand in a file of their own', () => {
    const byEnv = read({ env: { ...brokers, AMPLEDGER_PASSWORD_FILE: '/run/password' } });
    expect(valuesOf(byEnv)).toMatchObject({ password: 'from_file' });
    const byFlag = read({
      env: { ...brokers, AMPLEDGER_PASSWORD: 'x' },
      flags: { passwordFile: '/run/password' },
    });
    expect(valuesOf(byFlag)).toMatchObject({ password: 'from_file' });
    const flagFirst = read({ env: { ...brokers, AMPLEDGER_PASSWORD_FILE: '/no' }, flags: { password: 'x' } });
    expect(valuesOf(flagFirst)).toMatchObject({ password: 'x' });
  });

  it('are named twice by mistake only', () => {
    const env = { ...brokers, AMPLEDGER_PASSWORD: 'x', AMPLEDGER_PASSWORD_FILE: '/run/password' };
    expect(errorsOf(read({ env }))).toEqual([
      'AMPLEDGER_PASSWORD and AMPLEDGER_PASSWORD_FILE are both set: unset one of them',
    ]);
  });

  it('that cannot be read are a problem', () => {
    const env = { ...brokers, AMPLEDGER_PASSWORD_FILE: '/no' };
    expect(errorsOf(read({ env }))).toEqual(['AMPLEDGER_PASSWORD_FILE=/no: cannot be read: no such file']);
  });

  it('are never repeated', () => {
    const secret = 'no-letters!';
    const results = [
      read({ env: { ...brokers, AMPLEDGER_PASSWORD: secret } }),
      read({ flags: { password: secret } }),
      read({ text: `password: ${secret}` }),
      read({ text: `password: "${secret}\n  [` }),
    ];
    for (const result of results) {
      expect(errorsOf(result)).toHaveLength(1);
      expect(errorsOf(result)[0]).not.toContain(secret);
    }
  });
});

describe('kinds', () => {
  const key = Buffer.alloc(32, 0xab);
  it.each([
    [wholeNumber(1, 5), ['1', 5, ' 3 '], ['0', '6', '1.5', '', 'x', -1, '1e0', [1]]],
    [share, ['0', '1', '0.01', 0.5], ['', '2', '-0.1', 'x']],
    [yesOrNo, [true, 'FALSE', 'yes', 'no'], ['1', '', 'constructor']],
    [oneOf('a', 'b'), ['a'], ['A', '', 'toString']],
    [duration, ['500ms', '10s', '15m', '12h', '7d', '1 h'], ['7', '', '-1s', '1w', '99999999d', 7]],
    [
      keyBytes(32),
      [key.toString('hex'), key.toString('base64')],
      ['', 'ab', `${key.toString('hex')}0`, 'a!'],
    ],
    [webAddress, ['http://a', 'https://a:1/x'], ['a', 'ftp://a', 'http://']],
    [anyText('<x>'), ['a', 1], ['', ' ', 'a\nb']],
  ])('%# take what they should', (kind, good, bad) => {
    for (const value of good)
      expect(kind.schema.safeParse(value), String(value)).toMatchObject({ success: true });
    for (const value of bad) {
      const parsed = kind.schema.safeParse(value);
      expect(parsed.error?.issues[0]?.message, String(value)).toMatch(/^expected /);
    }
  });

  it('read lists from text and from lists', () => {
    const { schema } = listOf(textLike('<x>', /^\w+$/, 'words'), 'words');
    expect(schema.parse('a, b')).toEqual(['a', 'b']);
    expect(schema.parse(['a', 'b'])).toEqual(['a', 'b']);
    for (const bad of ['', 'a,', [], [''], 5, [['a']], { a: 1 }]) {
      expect(schema.safeParse(bad).error?.issues[0]?.message, JSON.stringify(bad)).toBe('expected words');
    }
  });

  it('show a duration so that it is read as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 36_500 * 86_400_000 }), (ms) => {
        expect(duration.schema.parse(showDuration(ms))).toBe(ms);
      }),
    );
    expect(showDuration(7 * 86_400_000)).toBe('7d');
  });
});
