// What verifying finds, each with its place in the log, within a bound.

export type CheckName = 'pages' | 'events' | 'snapshots' | 'decisions' | 'plans' | 'raises';

export interface Violation {
  readonly check: CheckName;
  readonly position: number;
  readonly message: string;
}

export interface CheckResult {
  readonly check: CheckName;
  readonly what: string;
  readonly checked: number;
  readonly failed: number;
  /** Could not be checked by this release. */
  readonly skipped: number;
}

export const KEPT_VIOLATIONS = 20;

export class Findings {
  readonly #checked = new Map<CheckName, number>();
  readonly #failed = new Map<CheckName, number>();
  readonly #skipped = new Map<CheckName, number>();
  /** The first ones of each check. */
  readonly violations: Violation[] = [];

  checked(check: CheckName, count = 1): void {
    this.#checked.set(check, (this.#checked.get(check) ?? 0) + count);
  }

  skipped(check: CheckName): void {
    this.#skipped.set(check, (this.#skipped.get(check) ?? 0) + 1);
  }

  failed(check: CheckName, position: number, message: string): void {
    const before = this.#failed.get(check) ?? 0;
    this.#failed.set(check, before + 1);
    if (before < KEPT_VIOLATIONS) this.violations.push({ check, position, message });
  }

  results(): readonly CheckResult[] {
    return CHECKS.map(([check, what]) => ({
      check,
      what,
      checked: this.#checked.get(check) ?? 0,
      failed: this.#failed.get(check) ?? 0,
      skipped: this.#skipped.get(check) ?? 0,
    }));
  }
}

const CHECKS: readonly (readonly [CheckName, string])[] = [
  ['pages', 'pages of the log have their checksum'],
  ['events', 'events have the data that their type asks for'],
  ['snapshots', 'snapshots equal the state rebuilt from events'],
  ['decisions', 'allocations solved again come out equal, and can be set'],
  ['plans', 'plans hold, and worked out again none is better'],
  ['raises', 'raises left every limit of the tree unbroken by the ledger'],
];
