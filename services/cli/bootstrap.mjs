// What stands behind the scripts of the root package.json: plain Node without dependencies, so that
// it runs on a fresh clone. It installs and builds what is missing or stale, then does the task.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_LEAST = [20, 19];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXIT = { badUsage: 2, cannotStart: 3 };

const TASKS = { start, test, build, bench, docs, lint, format, ampledger };

const fromRoot = (...parts) => join(ROOT, ...parts);
const say = (text) => process.stderr.write(`${text}\n`);

function fail(message, code = EXIT.cannotStart) {
  say(message);
  process.exit(code);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = NODE_LEAST;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  fail(
    `Ampledger needs Node ${NODE_LEAST.join('.')} or later; this is ${process.versions.node}. See https://nodejs.org/.`,
  );
}

/** Runs a program with our terminal; a failure ends the task with its exit code. */
function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (error) fail(`${command} could not be run: ${error.message}`);
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? EXIT.cannotStart);
}

/** A program that is installed as a package. */
const runPackage = (script, args, options) =>
  run(process.execPath, [fromRoot('node_modules', script), ...args], options);

function runNpm(args) {
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args]);
  else run('npm', args, { shell: process.platform === 'win32' });
}

// Installing

const STAMP = fromRoot('node_modules', '.ampledger-installed');

function install() {
  const lock = readFileSync(fromRoot('package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  if (!isInstalled(JSON.parse(lock))) {
    say('Installing packages (once, and again when they change) ...');
    runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, wanted);
}

/** Whether npm has put there what the lock file names; it keeps a lock file of its own. */
function isInstalled(lock) {
  const path = fromRoot('node_modules', '.package-lock.json');
  if (!existsSync(path)) return false;
  const installed = JSON.parse(readFileSync(path, 'utf8')).packages;
  return Object.entries(lock.packages).every(([name, { version, link, optional }]) => {
    if (!name.includes('node_modules/')) return true;
    const found = installed[name];
    if (found === undefined) return optional === true;
    return link === true ? found.link === true : found.version === version;
  });
}

// Building

const SOURCES = ['packages', 'services', 'optimizer'];
const BUILT = fromRoot('services/cli/dist/.built');
const PAGE = fromRoot('packages/console/dist/index.html');
const PAGE_SOURCES = ['packages/console', 'packages/domain/src', 'packages/kernel/src'];
const NOT_SOURCES = new Set(['dist', 'node_modules']);

function newestMs(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const children = readdirSync(path).filter((name) => !NOT_SOURCES.has(name));
  return Math.max(0, ...children.map((name) => newestMs(join(path, name))));
}

const isOlder = (built, sources) => {
  const builtMs = existsSync(built) ? statSync(built).mtimeMs : 0;
  return sources.some((source) => newestMs(fromRoot(source)) > builtMs);
};

/** What the engine needs to run: the command line with all it is made of, and the page. */
function buildEngine() {
  install();
  if (isOlder(BUILT, [...SOURCES, 'tsconfig.base.json', 'package-lock.json'])) {
    say('Building ...');
    const startedAt = new Date();
    runPackage('typescript/bin/tsc', ['-b', 'services/cli']);
    // What changed while it was built is built again the next time.
    writeFileSync(BUILT, startedAt.toISOString());
    utimesSync(BUILT, startedAt, startedAt);
  }
  buildPage();
}

function buildPage() {
  if (!isOlder(PAGE, PAGE_SOURCES)) return;
  say('Building the page ...');
  runPackage('vite/bin/vite.js', ['build', '--logLevel', 'warn'], { cwd: fromRoot('packages/console') });
}

/** Everything, tests and benchmarks too, and the page's types. */
function buildAll() {
  install();
  say('Type checking and building ...');
  runPackage('typescript/bin/tsc', ['-b']);
  runPackage('typescript/bin/tsc', ['-p', 'packages/console']);
  buildPage();
}

// Tasks

async function ampledger(args) {
  buildEngine();
  const { runProcess } = await import(pathToFileURL(fromRoot('services/cli/dist/main.js')).href);
  await runProcess(args);
}

function start(args) {
  return ampledger(['demo', ...args]);
}

function test(args) {
  buildAll();
  runPackage('@biomejs/biome/bin/biome', ['check', '.']);
  runPackage('vitest/vitest.mjs', ['run', ...args]);
}

function build() {
  buildAll();
}

function bench(args) {
  buildAll();
  run(process.execPath, [fromRoot('test/dist/bench/main.js'), ...args]);
}

/** Every workspace may have programs that write documents: `dist/generate-*.js`. */
function docs() {
  buildAll();
  const workspaces = ['packages', 'services'].flatMap((folder) =>
    readdirSync(fromRoot(folder)).map((name) => fromRoot(folder, name, 'dist')),
  );
  const all = [...workspaces, fromRoot('optimizer/dist'), fromRoot('test/dist')];
  for (const dist of all.filter((path) => existsSync(path))) {
    const programs = readdirSync(dist).filter((name) => /^generate-.*\.js$/.test(name));
    for (const program of programs) run(process.execPath, [join(dist, program)]);
  }
}

function lint(args) {
  install();
  runPackage('@biomejs/biome/bin/biome', ['check', ...(args.length === 0 ? ['.'] : args)]);
}

function format(args) {
  install();
  runPackage('@biomejs/biome/bin/biome', ['check', '--write', ...(args.length === 0 ? ['.'] : args)]);
}

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(TASKS, name ?? '')) {
  fail(`Usage: node services/cli/bootstrap.mjs ${Object.keys(TASKS).join('|')} [arguments]`, EXIT.badUsage);
}
requireNode();
await TASKS[name](args);
