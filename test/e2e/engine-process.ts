// The engine as users run it: the built command in a process of its own, on free ports.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../services/cli/bin/ampledger.mjs', import.meta.url));
const START_MS_MAX = 30_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface EngineProcess {
  readonly ocppUrl: string;
  readonly apiUrl: string;
  readonly ended: Promise<Ended>;
  /** Everything that it wrote to stderr. */
  stderr(): string;
  /** Resolves with the first line of stderr, past or to come, that has this text. */
  said(text: string): Promise<string>;
  signal(signal: NodeJS.Signals): void;
}

export interface Starting {
  readonly ended: Promise<Ended>;
  /** Rejects when it ends before it serves. */
  readonly serving: Promise<EngineProcess>;
  kill(): void;
}

/** `args` follow `ampledger serve`; ports are free ones unless said otherwise. */
export function launchEngine(args: readonly string[]): Starting {
  const ports = args.includes('--port') ? [] : ['--port', '0', '--ocpp-port', '0'];
  const child = spawn(process.execPath, [BIN, 'serve', ...args, ...ports], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const output = watchLines(child.stderr);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const serving = servingOf(child, output, ended);
  serving.catch(() => undefined);
  return { ended, serving, kill: () => void child.kill('SIGKILL') };
}

export const startEngineProcess = (args: readonly string[]): Promise<EngineProcess> =>
  launchEngine(args).serving;

async function servingOf(child: ChildProcess, output: Lines, ended: Promise<Ended>): Promise<EngineProcess> {
  const gone = ended.then(({ code, signal }) => {
    throw new Error(`The engine ended (${code ?? signal}) before it served:\n${output.text()}`);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS_MAX);
  const line = await Promise.race([output.said('"Serving"'), gone]).finally(() => clearTimeout(timer));
  const { stations, api } = JSON.parse(line) as { stations: string; api: string };
  return {
    ocppUrl: stations,
    apiUrl: api,
    ended,
    stderr: output.text,
    said: output.said,
    signal: (signal) => void child.kill(signal),
  };
}

interface Lines {
  text(): string;
  said(text: string): Promise<string>;
}

function watchLines(stream: Readable): Lines {
  const lines: string[] = [];
  const waiting = new Set<{ readonly text: string; resolve(line: string): void }>();
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    for (const one of waiting) {
      if (!line.includes(one.text)) continue;
      waiting.delete(one);
      one.resolve(line);
    }
  });
  return {
    text: () => lines.join('\n'),
    said: (text) =>
      new Promise((resolve) => {
        const known = lines.find((line) => line.includes(text));
        if (known === undefined) waiting.add({ text, resolve });
        else resolve(known);
      }),
  };
}

export interface Launched {
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  /** Resolves with the first line of stdout, past or to come, that has this text. */
  printed(text: string): Promise<string>;
}

/** Begins one command. */
export function launch(args: readonly string[], input = ''): Launched {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const out = watchLines(child.stdout);
  const problems = watchLines(child.stderr);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return { ended, stdout: out.text, stderr: problems.text, printed: out.said };
}

export interface CommandResult extends Ended {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export async function ampledger(args: readonly string[], input = ''): Promise<CommandResult> {
  const { ended, stdout, stderr } = launch(args, input);
  return { ...(await ended), stdout: stdout(), stderr: stderr() };
}
