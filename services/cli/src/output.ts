// What commands print for people: tables, times, amounts.

/** Waits where the reader is slower than we are. */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
}

export const printJson = (value: unknown): Promise<void> => print(`${JSON.stringify(value, null, 2)}\n`);

type Align = 'left' | 'right';

/** Columns as wide as their widest cell. A heading that ends in `>` is of a column aligned to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const aligns = headings.map((heading): Align => (heading.endsWith('>') ? 'right' : 'left'));
  const names = headings.map((heading) => heading.replace(/>$/, ''));
  const widths = names.map((name, i) => Math.max(name.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (aligns[i] === 'right' ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${[names, ...rows].map(line).join('\n')}\n`;
}

/** At most one decimal. */
export const round = (value: number): string => String(Math.round(value * 10) / 10);

/** Currents on three phases: one figure where they are equal. */
export function amperes(perPhase: readonly number[] | null): string {
  if (perPhase === null) return '-';
  const [first] = perPhase;
  const same = first !== undefined && perPhase.every((value) => Math.abs(value - first) < 0.05);
  return same ? round(first) : perPhase.map(round).join('/');
}

/** `12.3 kWh`. */
export const kilowattHours = (energyWh: number): string => `${round(energyWh / 1000)} kWh`;

export const iso = (at: number): string => new Date(at).toISOString();

/** `1 h 3 min`, `4 min 10 s`, `1.2 s`. */
export function span(ms: number): string {
  // What rounds to a whole minute is one.
  if (ms < 59_950) return `${round(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
