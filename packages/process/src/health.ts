// How a process is: where it is in its life, and what its parts say. The probes of the admin server read it.

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export interface Liveness {
  readonly live: boolean;
  readonly reasons: readonly string[];
}

export interface Health {
  /** Asked at each look: why a part is not ready; nothing when it is. */
  watch(reasons: () => readonly string[]): void;
  started(): void;
  /** From now on nothing new should come here. */
  draining(): void;
  /** A part failed for good: the process is to be started again. */
  failed(reason: string): void;
  live(): Liveness;
  ready(): Readiness;
}

export function createHealth(): Health {
  const watched: (() => readonly string[])[] = [];
  const failures: string[] = [];
  let phase: 'starting' | 'running' | 'draining' = 'starting';
  return {
    watch(reasons) {
      watched.push(reasons);
    },
    started() {
      if (phase === 'starting') phase = 'running';
    },
    draining() {
      phase = 'draining';
    },
    failed(reason) {
      if (failures.length < FAILURES_MAX) failures.push(reason);
    },
    live: () => ({ live: failures.length === 0, reasons: [...failures] }),
    ready() {
      const reasons = [
        ...(phase === 'running' ? [] : [`it is ${phase}`]),
        ...failures,
        ...watched.flatMap((reasonsOf) => reasonsOf()),
      ];
      return { ready: reasons.length === 0, reasons };
    },
  };
}

const FAILURES_MAX = 16;
