// The compose files: by the schema of the specification, and by what this program knows of itself.

import { dirname, join } from 'node:path';
import { DEFINITIONS, readSettings } from '@ampledger/process';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMPOSE_FILES, type ComposeService, interpolate, readCompose } from './compose-file.js';
import { isThere, KNOWN_VARIABLES, readJson, readText, variablesIn } from './repository.js';

const schema = readJson('test/deploy/compose-spec/compose-spec.json') as object;
// The formats (durations, ports) are compose's own; its loader checks them.
const isCompose = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);

const KEY = '0'.repeat(64);
const isOurs = (service: ComposeService): boolean => service.image.startsWith('ampledger:');

describe.each(COMPOSE_FILES)('%s', (path) => {
  const file = readCompose(path);
  const services = Object.entries(file.services);
  const ours = services.filter(([, service]) => isOurs(service));

  it('is what the specification allows', () => {
    expect([isCompose(parse(interpolate(readText(path)), { merge: true })), isCompose.errors]).toEqual([
      true,
      null,
    ]);
  });

  it('depends on services that it has, and on their health only where they have a check', () => {
    const isChecked = ({ healthcheck, image, build }: ComposeService): boolean =>
      healthcheck?.disable !== true &&
      (healthcheck?.test !== undefined || (image.startsWith('ampledger:') && build !== undefined));
    for (const [name, { depends_on: needs = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(needs)) {
        const service = file.services[needed];
        expect(service, `${name} needs ${needed}`).toBeDefined();
        if (condition === 'service_healthy' && service !== undefined) {
          expect(isChecked(service), `${needed} has a check`).toBe(true);
        }
      }
    }
  });

  it('opens ports on loopback unless it is told otherwise', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('bounds the memory of every service and fixes the version of every image', () => {
    expect(services.filter(([, service]) => service.mem_limit === undefined)).toEqual([]);
    const images = services.map(([, { image }]) => image);
    expect(images.filter((image) => !/:[\w.-]+$/.test(image) || /:latest$/.test(image))).toEqual([]);
  });

  it('mounts what is there: named volumes that it declares, files of the repository', () => {
    const sources = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]));
    const missing = sources.filter((source = '') =>
      source.startsWith('.')
        ? !isThere(join(dirname(path), source))
        : !Object.hasOwn(file.volumes ?? {}, source),
    );
    expect(missing).toEqual([]);
  });

  it('gives our processes no more than they need', () => {
    for (const [name, service] of ours) {
      expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    }
  });

  it('holds no secret', () => {
    const secrets = [...KNOWN_VARIABLES]
      .filter((name) => name.endsWith('_FILE'))
      .map((name) => name.slice(0, -5));
    const set = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const shown = set.filter(
      ([name, value]) =>
        secrets.includes(name) && (name !== 'AMPLEDGER_EVENT_STORE_URL' || value?.includes('@')),
    );
    expect(shown).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  const { services } = readCompose('docker-compose.yml');
  const processes = DEFINITIONS.filter(({ name }) => name !== 'tools');

  it.each(processes.map((definition) => [definition.name, definition] as const))(
    'gives %s settings that it understands',
    (name, definition) => {
      const service = services[name];
      expect(service?.command).toEqual([name]);
      const env = Object.fromEntries(
        Object.entries(service?.environment ?? {}).map(([key, value]) => [key, value ?? undefined]),
      );
      const others = DEFINITIONS.flatMap(({ settings }) => Object.keys(settings));
      const read = readSettings(definition, { flags: {}, env, others, readText: () => KEY });
      expect(read).toMatchObject({ ok: true, value: { warnings: [] } });
    },
  );

  it('serves admin on a port of its own for each process, where Prometheus looks', () => {
    const prometheus = readText('deploy/prometheus/prometheus.yml');
    for (const { name } of processes) {
      const port = services[name]?.environment?.AMPLEDGER_ADMIN_PORT;
      expect(prometheus).toContain(`names: [${name}], type: A, port: ${port},`);
    }
  });

  it('starts simulated stations only when they are asked for', () => {
    expect(services.simulate?.profiles).toEqual(['demo']);
    expect(Object.values(services).filter((service) => service.profiles !== undefined)).toHaveLength(1);
  });
});

describe('deploy/compose/example.env', () => {
  const lines = readText('deploy/compose/example.env').split('\n');
  const names = lines.flatMap((line) => /^(?:# )?([A-Z][A-Z_]+)=/.exec(line)?.[1] ?? []);

  it('names only what a compose file reads', () => {
    const read = COMPOSE_FILES.map((path) => readText(path)).join('\n');
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !read.includes(`\${${name}:-`) && !read.includes(`${name}:\n`))).toEqual(
      [],
    );
  });

  it('names every setting that a compose file lets one change', () => {
    const changeable = [...readText('docker-compose.yml').matchAll(/\$\{([A-Z_]+):-/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(changeable)].filter((name) => !names.includes(name ?? ''))).toEqual([]);
  });

  it('has the defaults of docker-compose.yml', () => {
    const set = Object.fromEntries(
      lines
        .flatMap((line) => [/^([A-Z_]+)=(.*)$/.exec(line)?.slice(1) ?? []])
        .filter(({ length }) => length === 2),
    );
    expect(readCompose('docker-compose.yml', set)).toEqual(readCompose('docker-compose.yml'));
  });
});

it('every variable of ours in compose files, image and their scripts is one that a process reads', () => {
  const text = [
    ...COMPOSE_FILES,
    'Dockerfile',
    'deploy/docker/health.mjs',
    'deploy/docker/entrypoint.sh',
  ].map(readText);
  expect(text.flatMap(variablesIn).filter((name) => !KNOWN_VARIABLES.has(name))).toEqual([]);
});
