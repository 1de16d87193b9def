// The demo: the garage with simulated stations, on an engine like any other.

import { fileURLToPath } from 'node:url';
import { assertMayListen } from '@ampledger/api';
import type { SiteConfig } from '@ampledger/domain';
import { systemClock } from '@ampledger/kernel';
import { watchSignals } from '@ampledger/process';
import { startEngine } from '../engine.js';
import type { ExitCode } from '../exit.js';
import { stderrLog } from '../log.js';
import { amperes, print } from '../output.js';
import { runUntilEnd } from '../run-engine.js';
import type { ServeOptions } from '../serve-options.js';
import { sitesOrExit } from '../site-files.js';
import { tokensOrExit } from '../tokens-file.js';
import { startDemoCaps } from './demo-caps.js';
import { BATTERY_SPEED, startDemoFleet } from './demo-fleet.js';

const GARAGE = fileURLToPath(new URL('../../../../examples/garage.yaml', import.meta.url));
const DATA_DEFAULT = '.ampledger/demo';

/** Cars come and go within minutes, so the pauses that spare real ones are shorter too. */
const PACE = { raiseIntervalS: 5, minDwellS: 60, meterStaleS: 60 } as const;

export async function demo(options: ServeOptions): Promise<ExitCode> {
  const tokens = tokensOrExit(options.tokens);
  assertMayListen(options.host, tokens);
  const log = stderrLog();
  const signals = watchSignals(log);
  const site = atPace(sitesOrExit([GARAGE])[0]);
  const { host, ocppHost, ocppPort, port } = options;
  const engine = await startEngine({
    directory: options.data ?? DATA_DEFAULT,
    sites: [site],
    host,
    ocppPort,
    apiPort: port,
    tokens,
    log,
    ...(ocppHost === undefined ? {} : { ocppHost }),
  });
  await print(addresses(site, engine.ocppUrl, engine.apiUrl));
  const place = { ocppUrl: engine.ocppUrl, apiUrl: tokens === null ? engine.apiUrl : null };
  const fleet = startDemoFleet(site, place, { clock: systemClock, log });
  // With tokens, capping is for those who have one.
  const caps = tokens === null ? startDemoCaps(site, engine.apiUrl, { clock: systemClock, log }) : undefined;
  const beforeClose = (): Promise<void> => {
    caps?.close();
    return fleet.leave();
  };
  return runUntilEnd({ engine, log, signals, beforeClose });
}

function atPace(site: SiteConfig | undefined): SiteConfig {
  if (site === undefined) throw new Error('the demo has one site');
  return { ...site, control: { ...site.control, ...PACE } };
}

function addresses(site: SiteConfig, ocppUrl: string, apiUrl: string): string {
  const limit = amperes(site.nodes[0]?.limitA ?? null);
  const envelope = `${apiUrl}/api/v1/sites/${site.id}/envelopes/operator`;
  return `
  ${site.name ?? site.id}: ${site.stations.length} simulated stations behind ${limit} A, batteries ${BATTERY_SPEED} times as fast

  Page      ${apiUrl}/
  API       ${apiUrl}/docs
  Metrics   ${apiUrl}/metrics
  Stations  ${ocppUrl}/<station id>
  Cap it    curl -X PUT ${envelope} -H 'content-type: application/json' -d '{"limitA": 30}'
  Lift it   curl -X DELETE ${envelope}
  Stop      Ctrl-C; starting again goes on from the log

`;
}
