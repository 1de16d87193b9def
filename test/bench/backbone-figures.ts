// Medians over rounds, and tables of them.

/** What one round measured, by name. */
export type Figures = Readonly<Record<string, number>>;

export const quantile = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Of each figure by itself; one that a round does not have is not counted for it. */
export function medians(rounds: readonly Figures[]): Figures {
  const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
  return Object.fromEntries(
    names.map((name) => [name, median(rounds.flatMap((round) => round[name] ?? []).filter(Number.isFinite))]),
  );
}

export function shown(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-';
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : value.toFixed(value !== 0 && Math.abs(value) < 1 ? 2 : 1);
}

/** One row for each figure, one column for each of what was compared; rows without any value are left out. */
export function table(
  title: string,
  columns: readonly { readonly name: string; readonly figures: Figures }[],
  rows: readonly (readonly [name: string, label: string])[],
): string {
  const cells = rows
    .filter(([name]) => columns.some(({ figures }) => figures[name] !== undefined))
    .map(([name, label]) => [label, ...columns.map(({ figures }) => shown(figures[name]))]);
  const all = [[title, ...columns.map(({ name }) => name)], ...cells];
  const widths = all[0]?.map((_, i) => Math.max(...all.map((line) => line[i]?.length ?? 0))) ?? [];
  const lines = all.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
