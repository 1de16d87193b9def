// Reads a log, simulates its sessions as it was and as it might have been, and prints both beside what
// happened.

import { writeFileSync } from 'node:fs';
import type { Policy, SiteConfig } from '@ampledger/domain';
import { siteId } from '@ampledger/kernel';
import { loadSolver } from '@ampledger/optimizer';
import { CliError, EXIT } from '../exit.js';
import { fileError } from '../history/file-error.js';
import { type HistorySource, openSource } from '../history/source.js';
import { iso, print, printJson } from '../output.js';
import { createProgressBar, type ProgressBar } from '../progress-bar.js';
import { sitesOrExit } from '../site-files.js';
import { refuseBackwards } from '../time-span.js';
import { VERSION } from '../version.js';
import { type Comparison, notesOf } from '../whatif/comparison.js';
import { type Read, RecordingReader } from '../whatif/read-recording.js';
import type { Recording } from '../whatif/recording.js';
import { reportText } from '../whatif/report.js';
import { type EnvelopeWish, envelopesOf, missingConnectors, rulesOf } from '../whatif/rules.js';
import { simulateSessions } from '../whatif/simulate-sessions.js';
import { comparisonJson, sessionsCsv } from '../whatif/written.js';

/** Settings of a cluster may come beside these. */
export interface WhatIfOptions {
  readonly data?: string;
  readonly id?: string;
  readonly from?: number;
  readonly to?: number;
  readonly site?: string;
  readonly policy?: Policy;
  readonly scaleLimit?: number;
  readonly envelope?: readonly EnvelopeWish[];
  readonly wants: 'least' | 'most';
  /** false: plans are left out. */
  readonly plan: boolean;
  /** Minutes. */
  readonly step: number;
  readonly csv?: string;
  readonly json?: true;
}

const MINUTE_MS = 60_000;

export async function whatIf(options: WhatIfOptions): Promise<void> {
  if (options.csv === '-' && options.json)
    throw new CliError(EXIT.badInput, 'Only one of --csv - and --json can go to stdout.');
  refuseBackwards(options);
  const site = options.site === undefined ? null : (sitesOrExit([options.site])[0] ?? null);
  const bar = createProgressBar(process.stderr);
  try {
    const read = await readLog(options, bar);
    const comparison = await compare(read, { ...options, site, file: options.site }, bar);
    bar.clear();
    await write(comparison, options);
  } finally {
    bar.clear();
  }
}

async function readLog(options: WhatIfOptions, bar: ProgressBar): Promise<Read> {
  const source = await openSource({ ...options });
  try {
    const reader = await readAll(source, options, bar);
    const read = reader?.finish() ?? null;
    if (read === null || read.recording.sessions.length === 0) throw noSessions(options, read?.recording);
    return read;
  } finally {
    await source.close();
  }
}

async function readAll(
  source: HistorySource,
  { id, from, to, step }: WhatIfOptions,
  bar: ProgressBar,
): Promise<RecordingReader | null> {
  const lastPosition = await source.lastPosition();
  let site = id;
  let reader: RecordingReader | null = null;
  for await (const page of source.pages()) {
    for (const event of page) {
      site ??= event.key;
      if (id === undefined && event.key !== site) throw severalSites(site, event.key);
      reader ??= new RecordingReader({
        ...{ site: siteId(site), from: from ?? null, to: to ?? null, loadMeanMs: step * MINUTE_MS },
      });
      if (!reader.next(event)) return reader;
    }
    bar.show('read', page.at(-1)?.position ?? 0, lastPosition);
  }
  return reader;
}

const severalSites = (one: string, other: string): CliError =>
  new CliError(
    EXIT.badInput,
    `The log holds several sites, "${one}" and "${other}" among them: name one with --id.`,
  );

function noSessions({ id, from, to }: WhatIfOptions, recording: Recording | undefined): CliError {
  const of = id === undefined ? '' : ` of the site "${id}"`;
  const span =
    from === undefined && to === undefined
      ? ''
      : ` from ${from === undefined ? 'its beginning' : iso(from)} to ${to === undefined ? 'its end' : iso(to)}`;
  const there = recording === undefined && id !== undefined ? ' Is that the id of the site?' : '';
  return new CliError(
    EXIT.badInput,
    `The log holds no sessions${of}${span}: there is nothing to replay.${there}`,
  );
}

type Wanted = Omit<WhatIfOptions, 'site'> & {
  readonly site: SiteConfig | null;
  /** Where that site stands. */
  readonly file: string | undefined;
};

async function compare({ recording, happened }: Read, wanted: Wanted, bar: ProgressBar): Promise<Comparison> {
  const { site, envelope = [] } = wanted;
  const policy = wanted.policy ?? null;
  const scaleLimit = wanted.scaleLimit ?? null;
  if (site !== null) refuseMissing(recording, site, wanted);
  const asItWas = rulesOf(recording.rules, { site: null, policy: null, scaleLimit: null });
  const rules = rulesOf(recording.rules, { site, policy, scaleLimit });
  refuseUnknownNodes(envelope, rules[0].config);
  const changes = changesOf(wanted);
  const keepsCharging = wanted.wants === 'most';
  const asksForPlans = [...asItWas, ...rules].some(({ config }) => config.plan !== null);
  const plans = asksForPlans ? (wanted.plan ? 'made' : 'left-out') : 'none';
  const solver = plans === 'made' ? await loadSolver() : null;
  const simulate = (
    name: string,
    under: typeof rules,
    envelopes: Parameters<typeof simulateSessions>[2]['envelopes'],
  ) =>
    simulateSessions(recording, under, {
      ...{ stepMs: wanted.step * MINUTE_MS, envelopes, keepsCharging, solver },
      onProgress: (at) => bar.show(name, at - recording.from, recording.to - recording.from),
    });
  return {
    ...{ recording, changes, happened },
    notes: notesOf(recording, { keepsCharging, release: VERSION, plans }),
    simulated: simulate('as was', asItWas, []),
    whatIf:
      changes.length === 0
        ? null
        : simulate('what if', rules, envelopesOf(envelope, recording.site, recording.from)),
  };
}

function refuseMissing(recording: Recording, site: SiteConfig, { site: _, ...options }: Wanted): void {
  const missing = missingConnectors(recording.sessions, site);
  if (missing.length === 0) return;
  const some = missing.slice(0, 5).join(', ');
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
  throw new CliError(
    EXIT.badInput,
    `The site file "${site.id}" has no ${some}${more}, where cars charged${options.from === undefined ? '' : ' in that span'}. ` +
      'Every connector that had a session must be in it, under the same station id.',
  );
}

function refuseUnknownNodes(wishes: readonly EnvelopeWish[], config: SiteConfig): void {
  const nodes = config.nodes.map(({ id }) => id as string);
  const stranger = wishes.find(({ node }) => !nodes.includes(node));
  if (stranger === undefined) return;
  throw new CliError(EXIT.badInput, `The site has no node "${stranger.node}". It has: ${nodes.join(', ')}.`);
}

function changesOf({ site, file, policy, scaleLimit, envelope = [] }: Wanted): readonly string[] {
  return [
    ...(site === null ? [] : [`the site file were ${file} ("${site.name ?? site.id}")`]),
    ...(scaleLimit === undefined
      ? []
      : [`the grid connection had ${Math.round(scaleLimit * 1000) / 10} % of its limits`]),
    ...(policy === undefined ? [] : [`power were shared by the policy ${policy}`]),
    ...envelope.map(({ node, limitA, limitW, from, to }) => {
      const limit = limitA === null ? `${(limitW ?? 0) / 1000} kW` : `${[...new Set(limitA)].join('/')} A`;
      const begins = from === null ? '' : ` from ${iso(from)}`;
      return `${node} had a limit of ${limit}${begins}${to === null ? '' : ` to ${iso(to)}`}`;
    }),
  ];
}

async function write(comparison: Comparison, { csv, json }: WhatIfOptions): Promise<void> {
  if (csv === '-') return print(sessionsCsv(comparison));
  if (csv !== undefined) {
    try {
      writeFileSync(csv, sessionsCsv(comparison));
    } catch (error) {
      throw fileError(csv, error);
    }
  }
  if (json) await printJson(comparisonJson(comparison));
  else await print(reportText(comparison));
}
