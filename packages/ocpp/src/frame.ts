// OCPP-J frames: text in, typed frame or a named fault out; and back (OCPP-J 1.6 section 4.2,
// OCPP 2.0.1 part 4 section 4.2). Bounded before it parses, and never throws on what a peer sends.

import { err, ok, type Result } from '@ampledger/kernel';
import type { CallErrorBody, Frame, FrameFault } from './contract.js';

/** No message of any version nests deeper than about ten levels. */
export const DEPTH_MAX = 32;
/** One to 36 printable characters (OCPP 2.0.1 part 4 section 4.1.4: messageId is string[36]). */
export const MESSAGE_ID = /^[^\p{C}\p{Zl}\p{Zp}]{1,36}$/u;
const HEAD = /^\s*\[\s*[0-9]{1,3}\s*,\s*"([^"\\]{1,36})"/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The index of the quote that closes the string opened at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    // An odd run of backslashes escapes the quote.
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

/** Whether the text has at most so many opening brackets, in strings or not. */
function opensWithin(text: string, openMax: number): boolean {
  let left = openMax;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      left -= 1;
      if (left < 0) return false;
    }
  }
  return true;
}

/** Counts brackets outside strings. JSON.parse recurses, so this looks first. */
export function nestsWithin(text: string, depthMax: number): boolean {
  // Most messages have no more brackets than they may have levels.
  if (opensWithin(text, depthMax)) return true;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    // `[` and `{` differ by 0x20 only, and so do `]` and `}`.
    else if ((code | 0x20) === 0x7b) depth += 1;
    else if ((code | 0x20) === 0x7d) depth -= 1;
    if (depth > depthMax) return false;
  }
  return true;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a key could reach a prototype. An escape may hide one; a hit is then looked at closely. */
const isSuspect = (text: string): boolean =>
  text.includes('__proto__') || text.includes('constructor') || text.includes('\\u');

/** `__proto__`, or `constructor` with a `prototype`, at any depth. */
function reachesPrototype(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(reachesPrototype);
  if (!isRecord(value)) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  const made = Object.hasOwn(value, 'constructor') ? value.constructor : undefined;
  if (isRecord(made) && Object.hasOwn(made, 'prototype')) return true;
  return Object.values(value).some(reachesPrototype);
}

const fault = (reason: FrameFault['reason'], id?: unknown): Result<Frame, FrameFault> =>
  err(typeof id === 'string' && MESSAGE_ID.test(id) ? { reason, id } : { reason });

function readCall(parts: readonly unknown[], id: string): Result<Frame, FrameFault> {
  const action = parts[2];
  if (parts.length !== 4 || typeof action !== 'string') return fault('bad-shape', id);
  return ok({ kind: 'call', id, action, payload: parts[3] });
}

/** Details, and even the description, are left out by some stations: the code is what counts. */
function readError(parts: readonly unknown[], id: string): Result<Frame, FrameFault> {
  const [, , code, description = '', details = {}] = parts;
  if (parts.length < 3 || parts.length > 5 || typeof code !== 'string' || typeof description !== 'string') {
    return fault('bad-shape', id);
  }
  return ok({ kind: 'error', id, code, description, details });
}

function readParts(parts: readonly unknown[]): Result<Frame, FrameFault> {
  const [type, id] = parts;
  if (parts.length === 0) return fault('bad-shape');
  // An unknown type is ignored, whatever else is wrong with it (OCPP-J 1.6 errata 4.5).
  if (type !== 2 && type !== 3 && type !== 4) return fault('unknown-message-type', id);
  if (typeof id !== 'string' || !MESSAGE_ID.test(id)) return fault('bad-message-id');
  if (type === 2) return readCall(parts, id);
  if (type === 4) return readError(parts, id);
  return parts.length === 3 ? ok({ kind: 'result', id, payload: parts[2] }) : fault('bad-shape', id);
}

/** Reads one text frame. The caller has bounded its size; depth, shape and keys are checked here. */
export function parseFrame(text: string): Result<Frame, FrameFault> {
  if (!nestsWithin(text, DEPTH_MAX)) return fault('too-deep', HEAD.exec(text)?.[1]);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return fault('not-json', HEAD.exec(text)?.[1]);
  }
  if (!Array.isArray(parsed)) return fault('not-an-array');
  if (isSuspect(text) && reachesPrototype(parsed)) return fault('forbidden-key', parsed[1]);
  return readParts(parsed);
}

export const formatCall = (id: string, action: string, payload: unknown): string =>
  JSON.stringify([2, id, action, payload]);

export const formatResult = (id: string, payload: unknown): string => JSON.stringify([3, id, payload]);

export const formatError = (id: string, error: CallErrorBody): string =>
  JSON.stringify([4, id, error.code, error.description, error.details]);

/** Any frame as text. */
export function formatFrame(frame: Frame): string {
  if (frame.kind === 'call') return formatCall(frame.id, frame.action, frame.payload);
  if (frame.kind === 'result') return formatResult(frame.id, frame.payload);
  return JSON.stringify([4, frame.id, frame.code, frame.description, frame.details]);
}
