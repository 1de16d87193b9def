// Where the events stand that this process published lately. Two generations: what is older than both is forgotten.

const GENERATION = 32_768;

export class RecentIds {
  readonly #size: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(size = GENERATION) {
    this.#size = size;
  }

  find(name: string): number | undefined {
    return this.#young.get(name) ?? this.#old.get(name);
  }

  add(name: string, position: number): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, position);
  }
}
