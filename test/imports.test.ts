// Which workspace may import which: the table, and the check of every manifest and every source file.
// Base types ← protocol and domain ← ports and adapters ← services; only the command line puts
// services together, and nothing imports the tests.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCOPE = '@ampledger/';

/** Workspace → the workspaces that it may import. Each edge points down. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  // Ports carry events and look into none: they know no domain.
  ports: ['kernel'],
  domain: ['kernel'],
  ocpp: ['kernel', 'domain'],
  'site-file': ['kernel', 'domain'],
  // Bus and store.
  'memory-log': ['kernel', 'ports'],
  'embedded-log': ['kernel', 'ports'],
  'kafka-bus': ['kernel', 'ports'],
  'kurrent-store': ['kernel', 'ports'],
  projection: ['kernel', 'ports', 'domain'],
  recording: ['kernel', 'ports', 'domain', 'projection'],
  history: ['kernel', 'ports', 'domain'],
  process: ['kernel'],
  // Judges the engine, and so shares nothing with it but base types.
  simulator: ['kernel'],
  console: ['kernel', 'domain'],
  optimizer: ['kernel', 'ports', 'domain', 'projection'],
  ingress: ['kernel', 'ports', 'domain', 'ocpp', 'projection'],
  command: ['kernel', 'ports', 'domain', 'ocpp', 'projection'],
  api: ['kernel', 'ports', 'domain', 'ocpp', 'process', 'projection', 'site-file'],
  recorder: ['kernel', 'ports', 'domain', 'projection', 'recording'],
  // The composition root.
  cli: [
    'kernel',
    'ports',
    'domain',
    'ocpp',
    'site-file',
    'embedded-log',
    'kafka-bus',
    'kurrent-store',
    'projection',
    'recording',
    'history',
    'process',
    'simulator',
    'console',
    'optimizer',
    'ingress',
    'command',
    'api',
    'recorder',
  ],
};

/** What the tests beside the code of a package may use on top: adapters to run it on. */
const ALLOWED_IN_TESTS = [
  'memory-log',
  'embedded-log',
  'projection',
  'site-file',
  'simulator',
  'ocpp',
  'optimizer',
];
const SERVICES = ['ingress', 'recorder', 'command', 'api', 'cli'];

interface Workspace {
  readonly name: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readWorkspaces(): readonly Workspace[] {
  const folders = ['packages', 'services'].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => join(ROOT, parent, name)),
  );
  return [...folders, join(ROOT, 'optimizer'), join(ROOT, 'test')]
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
      return { name: manifest.name.slice(SCOPE.length), folder, manifest };
    });
}

const SKIPPED = new Set(['dist', 'node_modules', 'public']);
const SOURCE = /\.(?:ts|tsx|mts|mjs|js)$/;

function* sourceFiles(folder: string): Iterable<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      if (!SKIPPED.has(name)) yield* sourceFiles(path);
    } else if (SOURCE.test(name)) yield path;
  }
}

/** Static and dynamic imports, re-exports and requires of literal names. Comments are taken off first. */
function specifiersOf(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const patterns = [
    /\b(?:import|export)\s+(?:[\w$*{}\s,]+?\s+from\s+)?['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"]([^'"]+)['"]\s*\)/g,
    /\brequire(?:\.resolve)?\s*\(\s*['"]([^'"]+)['"]\s*\)/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const isTest = (path: string): boolean =>
  /\.(?:test|fixture)\.tsx?$|\/testing\.ts$|\/test-[\w-]+\.ts$|-arbitrary\.ts$/.test(path);
const isConfig = (path: string): boolean => /\.config\.ts$/.test(path);

const workspaces = readWorkspaces();
const inTable = workspaces.filter(({ name }) => name !== 'test');

interface Import {
  readonly file: string;
  readonly specifier: string;
}

const importsOf = ({ folder }: Workspace): readonly Import[] =>
  [...sourceFiles(folder)].flatMap((file) =>
    specifiersOf(readFileSync(file, 'utf8')).map((specifier) => ({ file, specifier })),
  );

const show = ({ file, specifier }: Import): string => `${relative(ROOT, file)} imports ${specifier}`;

describe('specifiersOf', () => {
  it.each([
    ["import { a } from 'x';", ['x']],
    ["import type { A,\n  B } from '@s/y/sub';", ['@s/y/sub']],
    ["import 'side';", ['side']],
    ["export * from './z.js';", ['./z.js']],
    ["export { type A } from 'a'; const b = await import('b');", ['a', 'b']],
    ["// import 'no';\n/* import 'no' */ const c = require('c');", ['c']],
    ["const url = 'http://x'; export const from = 'q';", []],
  ])('finds the imports of %j', (code, expected) => {
    expect(specifiersOf(code)).toEqual(expected);
  });
});

describe('the table of imports', () => {
  it('names every workspace', () => {
    expect(inTable.map(({ name }) => name).sort()).toEqual(Object.keys(ALLOWED).sort());
  });

  it('has no cycles', () => {
    const visit = (name: string, path: readonly string[]): void => {
      expect(path, [...path, name].join(' → ')).not.toContain(name);
      for (const next of ALLOWED[name] ?? []) visit(next, [...path, name]);
    };
    for (const name of Object.keys(ALLOWED)) visit(name, []);
  });

  it('lets no service import a service, but for the composition root', () => {
    for (const [name, allowed] of Object.entries(ALLOWED)) {
      if (name !== 'cli')
        expect(
          allowed.filter((to) => SERVICES.includes(to)),
          name,
        ).toEqual([]);
    }
  });
});

describe.each(inTable.map((workspace) => [workspace.name, workspace] as const))('%s', (name, workspace) => {
  const allowed = ALLOWED[name] ?? [];
  const { dependencies = {}, devDependencies = {} } = workspace.manifest;
  const declared = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
  const imports = importsOf(workspace);
  const outside = imports.filter(
    ({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'),
  );

  it('declares only workspaces that the table allows', () => {
    const own = Object.keys(dependencies).filter((dependency) => dependency.startsWith(SCOPE));
    const extra = own
      .map((dependency) => dependency.slice(SCOPE.length))
      .filter((to) => !allowed.includes(to));
    expect(extra.filter((to) => !ALLOWED_IN_TESTS.includes(to))).toEqual([]);
  });

  it('imports only workspaces that the table allows', () => {
    const wrong = outside.filter(({ file, specifier }) => {
      if (!specifier.startsWith(SCOPE)) return false;
      const to = packageOf(specifier).slice(SCOPE.length);
      return !allowed.includes(to) && !(isTest(file) && ALLOWED_IN_TESTS.includes(to));
    });
    expect(wrong.map(show)).toEqual([]);
  });

  it('declares every package that it imports', () => {
    const undeclared = outside.filter(({ file, specifier }) => {
      const to = packageOf(specifier);
      // What the tests and the tools run on stands in the root's manifest.
      const isTool = (isTest(file) && ['vitest', 'fast-check'].includes(to)) || isConfig(file);
      return !isTool && !builtinModules.includes(to) && !declared.has(to);
    });
    expect(undeclared.map(show)).toEqual([]);
  });

  it('has no relative import that leaves it', () => {
    const leaving = imports.filter(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return false;
      return relative(workspace.folder, resolve(dirname(file), specifier)).startsWith('..');
    });
    expect(leaving.map(show)).toEqual([]);
  });
});

describe('test', () => {
  it('is imported by nothing', () => {
    const importing = inTable
      .flatMap(importsOf)
      .filter(({ specifier }) => specifier === `${SCOPE}test` || specifier.startsWith(`${SCOPE}test/`));
    expect(importing.map(show)).toEqual([]);
  });
});
