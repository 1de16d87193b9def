// Verifies a log and prints the report.

import { EXIT, type ExitCode } from '../exit.js';
import { openLog } from '../open-log.js';
import { iso, print, printJson, span, table } from '../output.js';
import { createProgressBar } from '../progress-bar.js';
import { type VerifyReport, verifyLog } from '../verify/verify-log.js';

export interface VerifyOptions {
  readonly data: string;
  readonly json?: true;
}

const WHILE_RUNNING = 'Verify the log after the engine has ended, or a copy of the directory.';

export async function verify({ data, json }: VerifyOptions): Promise<ExitCode> {
  const log = await openLog(data, WHILE_RUNNING);
  const bar = createProgressBar(process.stderr);
  try {
    const report = await verifyLog(log, ({ phase, position, lastPosition }) =>
      bar.show(phase, position, lastPosition),
    );
    bar.clear();
    if (json) await printJson(report);
    else await print(reportText(report));
    return report.holds ? EXIT.ok : EXIT.failedCheck;
  } finally {
    bar.clear();
    await log.close();
  }
}

function reportText({
  holds,
  events,
  lastPosition,
  sites,
  checks,
  violations,
  longestOverload,
}: VerifyReport): string {
  const rows = checks.map(({ what, checked, failed, skipped }) => [
    failed === 0 ? 'ok' : 'FAILED',
    what,
    String(checked),
    String(failed),
    String(skipped),
  ]);
  const lines = [
    `${events} events up to position ${lastPosition}, ${sites === 1 ? 'one site' : `${sites} sites`}`,
    '',
    table(['', 'CHECK', 'CHECKED>', 'FAILED>', 'OF OTHER RELEASES>'], rows),
    ...violations.map(({ position, check, message }) => `position ${position} (${check}): ${message}`),
    ...(longestOverload === null ? [] : [overloadText(longestOverload)]),
    holds ? 'The log keeps what it promises.' : 'The log does not keep what it promises.',
  ];
  return `${lines.join('\n')}\n`;
}

const overloadText = ({
  site,
  link,
  from,
  forMs,
  resolutionMs,
}: NonNullable<VerifyReport['longestOverload']>): string =>
  `For information: by what the engine does not decide (stations not yet known, limits that fell, loads that rose), ` +
  `a link was counted over its limit for at most ${span(forMs)}: ${site}, ${link}, from ${iso(from)}, looked at every ${span(resolutionMs)}.`;
