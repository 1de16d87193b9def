import { EventEmitter } from 'node:events';
import { CodedError, settle, VirtualClock } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { EXIT, ExitError } from './exit.js';
import { createHealth } from './health.js';
import { type Running, type RunProcessOptions, runProcess } from './run-process.js';

function setUp(options: Partial<RunProcessOptions> = {}) {
  const clock = new VirtualClock(0);
  const host = Object.assign(new EventEmitter(), { exits: [] as number[], exit: (_code: number) => {} });
  host.exit = (code) => void host.exits.push(code);
  const health = createHealth();
  const lines: string[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push(`${level}: ${message}${'err' in fields ? ` (${String(fields.err)})` : ''}`);
  };
  const log = { info: at('info'), warn: at('warn'), error: at('error') };
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const happened: string[] = [];
  const running: Running = {
    failed,
    async close() {
      happened.push(`closed while ready is ${health.ready().ready}`);
    },
  };
  const start = async () => running;
  const code = runProcess({ start, log, health, closeMsMax: 1_000, clock, host, ...options });
  return { clock, host, health, lines, code, fail, happened, running };
}

describe('a process', () => {
  it.each(['SIGINT', 'SIGTERM'])(
    'that gets %s is unready first, then closes and ends with 0',
    async (signal) => {
      const { host, health, code, happened } = setUp();
      await settle();
      expect(health.ready().ready).toBe(true);
      host.emit(signal, signal);
      await settle();
      expect(await code).toBe(EXIT.ok);
      expect(happened).toEqual(['closed while ready is false']);
      expect(host.eventNames()).toEqual([]);
    },
  );

  it('serves on for a while after it said that it is not ready', async () => {
    const { clock, host, health, code, happened } = setUp({ graceMs: 5_000 });
    await settle();
    host.emit('SIGTERM', 'SIGTERM');
    await clock.advance(4_999);
    expect(health.ready().reasons).toEqual(['it is draining']);
    expect(happened).toEqual([]);
    await clock.advance(1);
    expect(happened).toHaveLength(1);
    expect(await code).toBe(EXIT.ok);
  });

  it('does not wait for ever to close', async () => {
    const close = (): Promise<void> => new Promise(() => {});
    const { clock, host, lines, code } = setUp({
      start: async () => ({ failed: new Promise<never>(() => {}), close }),
    });
    await settle();
    host.emit('SIGTERM', 'SIGTERM');
    await clock.advance(1_000);
    expect(await code).toBe(EXIT.ok);
    expect(lines).toContainEqual(expect.stringContaining('Closing took too long'));
  });

  it('ends at once at the second signal, but takes one that comes twice for one', async () => {
    const close = (): Promise<void> => new Promise(() => {});
    const { clock, host } = setUp({ start: async () => ({ failed: new Promise<never>(() => {}), close }) });
    await settle();
    host.emit('SIGINT', 'SIGINT');
    host.emit('SIGINT', 'SIGINT');
    expect(host.exits).toEqual([]);
    await clock.advance(500);
    host.emit('SIGTERM', 'SIGTERM');
    expect(host.exits).toEqual([143]);
  });

  it('closes what is still starting when the signal comes', async () => {
    let started: (running: Running) => void = () => {};
    const start = () => new Promise<Running>((resolve) => (started = resolve));
    const { host, code, happened, running } = setUp({ start });
    host.emit('SIGTERM', 'SIGTERM');
    await settle();
    expect(happened).toEqual([]);
    started(running);
    expect(await code).toBe(EXIT.ok);
    expect(happened).toHaveLength(1);
  });

  it.each([
    [new ExitError(EXIT.badInput, 'no sites'), EXIT.badInput],
    [new CodedError('CORRUPT', 'damaged'), EXIT.corruptLog],
    [new CodedError('UNAVAILABLE', 'no broker'), EXIT.cannotStart],
    [new Error('odd'), EXIT.cannotStart],
  ])('that cannot start for %s ends with %d', async (error, exitCode) => {
    const { code, lines, health, host } = setUp({ start: () => Promise.reject(error) });
    expect(await code).toBe(exitCode);
    expect(lines).toEqual([expect.stringContaining(error.message)]);
    expect(health.live().live).toBe(false);
    expect(host.eventNames()).toEqual([]);
  });

  it('whose part failed closes the others and ends with what that means', async () => {
    const { code, fail, happened, health, lines } = setUp();
    await settle();
    fail(new CodedError('CORRUPT', 'page 7 is damaged'));
    expect(await code).toBe(EXIT.corruptLog);
    expect(happened).toEqual(['closed while ready is false']);
    expect(health.live().reasons).toEqual(['page 7 is damaged']);
    expect(lines).toEqual(['error: Cannot go on: page 7 is damaged']);
  });

  it('says it when closing fails, and ends with 0 all the same', async () => {
    const start = async () => ({
      failed: new Promise<never>(() => {}),
      close: () => Promise.reject(new Error('gone')),
    });
    const { host, lines, code } = setUp({ start });
    await settle();
    host.emit('SIGTERM', 'SIGTERM');
    await settle();
    expect(await code).toBe(EXIT.ok);
    expect(lines).toContain('warn: Closing failed (Error: gone)');
  });

  it.each(['unhandledRejection', 'uncaughtException'])('ends with 70 at an %s', async (event) => {
    const { host, lines } = setUp();
    await settle();
    host.emit(event, new TypeError('undefined is not iterable'));
    expect(host.exits).toEqual([EXIT.defect]);
    expect(lines).toEqual([expect.stringContaining('undefined is not iterable')]);
  });

  it('calls who waits for a hangup', async () => {
    let hangups = 0;
    const start = async (signals: { onHangup(listener: () => void): void }): Promise<Running> => {
      signals.onHangup(() => hangups++);
      return { failed: new Promise<never>(() => {}), close: async () => {} };
    };
    const { host } = setUp({ start });
    host.emit('SIGHUP', 'SIGHUP');
    expect(hangups).toBe(1);
  });
});
