// Progress on a terminal: one line that is written over. Nothing where nobody looks.

const WIDTH = 30;
const STEP_MS = 100;

export interface ProgressBar {
  show(what: string, done: number, of: number): void;
  clear(): void;
}

export function createProgressBar(stream: NodeJS.WriteStream): ProgressBar {
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(what, done, of) {
      const now = performance.now();
      if (!stream.isTTY || now - shownAt < STEP_MS) return;
      shownAt = now;
      const share = of === 0 ? 1 : Math.min(1, done / of);
      const full = Math.round(share * WIDTH);
      stream.write(
        `\r${what.padEnd(8)} [${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${Math.floor(share * 100)} %\u001b[K`,
      );
    },
    clear() {
      if (stream.isTTY && shownAt !== Number.NEGATIVE_INFINITY) stream.write('\r\u001b[K');
      shownAt = Number.NEGATIVE_INFINITY;
    },
  };
}
