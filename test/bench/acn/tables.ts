// The tables of README.md and docs/optimizer.md, from the results that the benchmark wrote.

import type { Result } from './table.js';

const COLUMNS = ['RR', 'EDF', 'LLF', 'MPC', 'LP', 'throughput', 'balanced'];

const cell = ({ energyPct, demandsMetPct, jain }: Result): string =>
  `${energyPct.toFixed(2)} / ${demandsMetPct.toFixed(1)} / ${jain.toFixed(3).replace(/^0/, '')}`;

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

const siteOf = ({ dataset }: Result): string => (dataset.startsWith('jpl') ? 'JPL' : 'Caltech');
const caseOf = (result: Result): string => `${siteOf(result)} ${result.caps.join('/')}`;

/** One line for each capacity: energy, demands met, Jain by scheduler, and the bound. */
export function caseTable(results: readonly Result[]): string {
  const columns = COLUMNS.filter((name) => results.some(({ scheduler }) => scheduler === name));
  const lines = [...grouped(results, caseOf)].map(([name, of]) => {
    const cells = columns.map((scheduler) => {
      const found = of.find((result) => result.scheduler === scheduler);
      const text = found === undefined ? '' : cell(found);
      return scheduler === 'balanced' ? `**${text}**` : text;
    });
    return `| ${[name, ...cells, of[0]?.boundPct.toFixed(2)].join(' | ')} |`;
  });
  const head = ['kW', ...columns, 'offline bound'];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...lines].join('\n');
}

/** Over weeks: mean energy, demands met and Jain, and the distribution of the regret. */
export function weekTable(results: readonly Result[]): string {
  const names = ['RR', 'EDF', 'LLF', 'fair', 'urgent', 'LP', 'throughput', 'balanced'];
  const lines = [...grouped(results, caseOf)].flatMap(([name, of]) =>
    names.map((scheduler) =>
      weekLine(
        name,
        scheduler,
        of.filter((result) => result.scheduler === scheduler),
      ),
    ),
  );
  const head = ['site, kW', '', 'energy', 'met', 'Jain', 'regret: mean', 'p10', 'median', 'p90', 'worst'];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...lines].join('\n');
}

function weekLine(name: string, scheduler: string, of: readonly Result[]): string {
  const regret = of.map(({ boundPct, energyPct }) => boundPct - energyPct).sort((a, b) => a - b);
  const at = (q: number): string => (regret[Math.round(q * (regret.length - 1))] ?? Number.NaN).toFixed(2);
  const bold = (text: string): string => (scheduler === 'balanced' ? `**${text}**` : text);
  const figures = [
    mean(of.map(({ energyPct }) => energyPct)).toFixed(2),
    mean(of.map(({ demandsMetPct }) => demandsMetPct)).toFixed(1),
    mean(of.map(({ jain }) => jain)).toFixed(3),
    mean(regret).toFixed(2),
    ...[0.1, 0.5, 0.9, 1].map(at),
  ];
  return `| ${[name, bold(scheduler), ...figures.map(bold)].join(' | ')} |`;
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Replaces what stands between `<!-- name:begin ... -->` and `<!-- name:end -->`. Throws where there is no such place. */
export function between(text: string, name: string, content: string): string {
  const place = new RegExp(`(<!-- ${name}:begin[^>]*-->\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  if (!place.test(text)) throw new Error(`no place for ${name}`);
  return text.replace(place, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`);
}
