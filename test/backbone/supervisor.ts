// One process of a cluster under test, kept running as an orchestrator would: it is started again when it
// ends, a little later each time it ends early.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const BIN = fileURLToPath(new URL('../../services/cli/bin/ampledger.mjs', import.meta.url));
const READY_MS_MAX = 90_000;
const STOP_MS_MAX = 30_000;
const LOOK_MS_MAX = 2_000;
const PAUSE_MS = 200;
const PAUSE_MS_MAX = 5_000;
/** Who lived so long is started again at once. */
const LIVED_MS = 10_000;

export interface ProcessSpec {
  readonly name: string;
  /** Of the command line: `ingress`, `recorder`, ... */
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly adminPort: number;
  /** Where stdout and stderr go, over all its lives. */
  readonly logFile: string;
}

export interface End {
  readonly name: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether the test ended it. */
  readonly wanted: boolean;
}

export interface Supervised {
  readonly name: string;
  readonly logFile: string;
  /** Where its probes and metrics are. */
  readonly adminUrl: string;
  /** How it ended, each time. */
  readonly ends: readonly End[];
  pid(): number | undefined;
  /** Resolves when /readyz says so. */
  ready(msMax?: number): Promise<void>;
  /** A path of the admin port, as JSON. */
  admin<T>(path: string): Promise<T>;
  metricsText(): Promise<string>;
  /** Resolves when it is gone; it is started again. */
  kill(signal: NodeJS.Signals): Promise<void>;
  pause(): void;
  resume(): void;
  /** In order, and not started again. */
  stop(): Promise<End>;
  /** After `stop`. */
  start(): void;
  /** At once, for good. */
  destroy(): Promise<void>;
}

export function supervise(spec: ProcessSpec): Supervised {
  const supervisor = new Supervisor(spec);
  supervisor.start();
  return supervisor;
}

class Supervisor implements Supervised {
  readonly ends: End[] = [];
  readonly #spec: ProcessSpec;
  #child: ChildProcess | undefined;
  #gone: Promise<End> | undefined;
  #isWanted = false;
  #isEnding = false;
  #pauseMs = PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(spec: ProcessSpec) {
    this.#spec = spec;
  }

  get name(): string {
    return this.#spec.name;
  }

  get logFile(): string {
    return this.#spec.logFile;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.#spec.adminPort}`;
  }

  pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    this.#isWanted = true;
    clearTimeout(this.#timer);
    if (this.#child === undefined) this.#launch();
  }

  async ready(msMax = READY_MS_MAX): Promise<void> {
    await until(
      `${this.name} is ready, see ${this.logFile}`,
      async () => {
        const answer = await this.#get('readyz');
        if (!answer.ok) throw new Error(await answer.text());
        return true;
      },
      msMax,
    );
  }

  async admin<T>(path: string): Promise<T> {
    return (await (await this.#get(path)).json()) as T;
  }

  async metricsText(): Promise<string> {
    return (await this.#get('metrics')).text();
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.#end(signal);
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<End> {
    this.#isWanted = false;
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS_MAX);
    const end = await this.#end('SIGTERM');
    clearTimeout(late);
    return end;
  }

  async destroy(): Promise<void> {
    this.#isWanted = false;
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<End> {
    clearTimeout(this.#timer);
    if (this.#child === undefined && this.#isWanted) this.#launch();
    this.#isEnding = true;
    this.#child?.kill(signal);
    const end = await this.#gone;
    if (end === undefined) throw new Error(`${this.name} was never started`);
    return end;
  }

  #launch(): void {
    const { command, env, logFile, name } = this.#spec;
    const log = openSync(logFile, 'a');
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [BIN, command], {
      stdio: ['ignore', log, log],
      env: { PATH, HOME, ...env },
    });
    closeSync(log);
    const startedAt = performance.now();
    this.#child = child;
    this.#isEnding = false;
    this.#gone = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const end = { name, code, signal, wanted: this.#isEnding };
        this.ends.push(end);
        this.#child = undefined;
        this.#relaunch(performance.now() - startedAt);
        resolve(end);
      });
    });
  }

  #relaunch(livedMs: number): void {
    if (!this.#isWanted) return;
    this.#pauseMs = livedMs > LIVED_MS ? PAUSE_MS : Math.min(2 * this.#pauseMs, PAUSE_MS_MAX);
    this.#timer = setTimeout(() => this.#launch(), this.#pauseMs);
  }

  #get(path: string): Promise<Response> {
    return fetch(`${this.adminUrl}/${path}`, { signal: AbortSignal.timeout(LOOK_MS_MAX) });
  }
}
