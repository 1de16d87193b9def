// YAML to plain data, with the line of everything in it. Refuses what a configuration file needs nothing of
// and an attacker might: anchors, aliases, tags, duplicate keys, second documents, endless size and depth.

import { err, ok, type Result } from '@ampledger/kernel';
import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
} from 'yaml';
import type { Finding, Path } from './problem.js';
import { pathText } from './problem.js';

export const SITE_FILE_BYTES_MAX = 4 * 1024 * 1024;
/** The deepest tree that is allowed (32 nodes) needs about 70 levels of YAML. */
const DEPTH_MAX = 100;

/** A problem at a byte of the text, for what has no place in the data. */
export interface SyntaxFinding extends Finding {
  readonly offset: number;
}

export interface Source {
  readonly data: unknown;
  readonly findings: readonly SyntaxFinding[];
  /** Offset of the value at `path`, or of the nearest thing around it that exists. */
  offsetOf(path: Path, part?: 'key' | 'value'): number;
}

export interface LinePos {
  readonly line: number;
  readonly col: number;
}

export interface ReadYaml {
  readonly result: Result<Source, readonly SyntaxFinding[]>;
  linePos(offset: number): LinePos;
}

const OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
  stringKeys: true,
  // Compares every key with every other: our own check below takes linear time.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const linePos = (offset: number): LinePos => {
    const { line, col } = lines.linePos(Math.max(0, Math.min(offset, text.length)));
    return { line: Math.max(1, line), col: Math.max(1, col) };
  };
  if (Buffer.byteLength(text) > SITE_FILE_BYTES_MAX) {
    return { linePos, result: err([at(0, 'the file is too large', 'at most 4 MiB')]) };
  }
  return { linePos, result: compose(text, lines) };
}

const at = (offset: number, message: string, expected: string, path: Path = []): SyntaxFinding => ({
  offset,
  message,
  expected,
  path,
});

function compose(text: string, lines: LineCounter): Result<Source, readonly SyntaxFinding[]> {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer(OPTIONS);
  let tooDeepAt: number | undefined;
  function* tokens(): Generator<Parameters<Composer['next']>[0]> {
    lines.addNewLine(0);
    for (const lexeme of new Lexer().lex(text)) {
      yield* parser.next(lexeme);
      if (parser.stack.length > DEPTH_MAX) {
        tooDeepAt = parser.offset;
        return;
      }
    }
    yield* parser.end();
  }
  let document: Document.Parsed | undefined;
  for (const next of composer.compose(tokens(), true, text.length)) {
    if (document !== undefined)
      return err([at(next.range[0], 'a second document begins here', 'one YAML document')]);
    document = next;
  }
  if (tooDeepAt !== undefined)
    return err([at(tooDeepAt, 'nested too deeply', 'a tree of at most 32 nodes in depth')]);
  return document === undefined ? err([at(0, 'the file is empty', 'a site')]) : sourceOf(document);
}

function sourceOf(document: Document.Parsed): Result<Source, readonly SyntaxFinding[]> {
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return err(
      faults.map((fault) => at(fault.pos[0], `YAML: ${sentence(fault.message)}`, 'well-formed YAML')),
    );
  }
  const walk = new Walk();
  const data = walk.value(document.contents, []);
  return ok({
    data,
    findings: walk.findings,
    offsetOf: (path, part = 'value') => walk.offsetOf(path, part),
  });
}

const sentence = (message: string): string => (message.split('\n')[0] ?? message).trim();

/** Turns nodes into data, noting where each part stands and what is refused. Its depth is bounded by the parser's. */
class Walk {
  readonly findings: SyntaxFinding[] = [];
  readonly #offsets = new Map<string, { readonly key: number; readonly value: number }>();

  offsetOf(path: Path, part: 'key' | 'value'): number {
    for (let length = path.length; length >= 0; length--) {
      const found = this.#offsets.get(pathText(path.slice(0, length)));
      if (found === undefined) continue;
      // Something missing is shown at the key of what lacks it.
      return length === path.length ? found[part] : found.key;
    }
    return 0;
  }

  value(node: unknown, path: Path, key?: number): unknown {
    const offset = offsetOf(node) ?? key ?? 0;
    this.#offsets.set(pathText(path), { key: key ?? offset, value: offset });
    this.#refuse(node, path, offset);
    if (isMap(node)) return this.#map(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => this.value(item, [...path, index]));
    return isScalar(node) ? node.value : null;
  }

  #refuse(node: unknown, path: Path, offset: number): void {
    const instead = 'plain values; `defaults` and `ids` save repetition';
    if (isAlias(node)) this.findings.push(at(offset, 'aliases are not allowed', instead, path));
    const { anchor, tag } = (node ?? {}) as { anchor?: string; tag?: string };
    if (anchor !== undefined) this.findings.push(at(offset, 'anchors are not allowed', instead, path));
    if (tag !== undefined) this.findings.push(at(offset, 'tags are not allowed', 'plain values', path));
  }

  #map(items: readonly unknown[], path: Path): Record<string, unknown> {
    // No prototype: a key called `__proto__` is a key like any other.
    const result: Record<string, unknown> = Object.create(null);
    for (const pair of items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue;
      const name = String(pair.key.value);
      const keyOffset = offsetOf(pair.key) ?? 0;
      const place = [...path, name];
      if (name in result) {
        this.findings.push(at(keyOffset, `\`${name}\` is written twice`, 'each key once', place));
        continue;
      }
      result[name] = this.value(pair.value, place, keyOffset);
    }
    return result;
  }
}

const offsetOf = (node: unknown): number | undefined =>
  (node as { range?: readonly number[] } | null)?.range?.[0];
