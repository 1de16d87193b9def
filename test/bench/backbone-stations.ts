// The stations' process as the benchmark sees it, and the sites that they are of.

import { type ChildProcess, fork } from 'node:child_process';
import type { SiteConfig } from '@ampledger/domain';
import { parseSiteFile } from '@ampledger/site-file';
import { now } from './backbone-clock.js';
import type { FleetOrder, FleetReport, Span } from './backbone-fleet.js';
import { type Usage, usageOf } from './backbone-processes.js';

const ORDER_MS_MAX = 600_000;

export interface Stations {
  tell(order: FleetOrder): Promise<FleetReport>;
  usage(): Usage;
  close(): void;
}

export function startStations(): Stations {
  const child = fork(new URL('./backbone-fleet.js', import.meta.url));
  return {
    usage: () => usageOf(child.pid),
    close: () => void child.kill('SIGKILL'),
    tell: (order) => tell(child, order),
  };
}

function tell(child: ChildProcess, order: FleetOrder): Promise<FleetReport> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => end(new Error(`${order.kind} took too long`)), ORDER_MS_MAX);
    const end = (result: FleetReport | Error): void => {
      clearTimeout(late);
      child.off('message', listen).off('exit', gone);
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    const gone = (): void => end(new Error('the stations’ process ended early'));
    const listen = (report: FleetReport): void => end(report);
    child.on('message', listen).on('exit', gone);
    child.send(order);
  });
}

/** Half of what the stations could take: every limit binds, and every allocation depends on the others. */
const AMPERES_EACH = 16;

export const siteId = (index: number): string => `site-${index}`;

export function siteFile(index: number, each: number): string {
  return `
id: ${siteId(index)}
timeZone: Europe/Berlin
grid:
  limit: ${AMPERES_EACH * each} A
  stations:
    - ids: S${index}-0..S${index}-${each - 1}
defaults:
  connector: { fallback: 6 A }
control: { lease: 15 min, raiseInterval: 0 s, minDwell: 0 s, deadband: 0 A, unseen: absent }
`;
}

export function siteConfigs(sites: number, each: number): readonly SiteConfig[] {
  return Array.from({ length: sites }, (_, index) => {
    const parsed = parseSiteFile(siteFile(index, each));
    if (!parsed.ok) throw new Error(`The benchmark’s own site file is bad: ${JSON.stringify(parsed.error)}`);
    return parsed.value;
  });
}

/** From `inMs` on for so long. */
export function spanOf(inMs: number, durationMs: number): Span {
  const fromAt = now() + inMs;
  return { fromAt, toAt: fromAt + durationMs };
}
