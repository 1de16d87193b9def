// Where streams end, as far as is remembered: the least recently used are forgotten.

export interface Head {
  /** The stream's last revision; -1 when it does not exist. */
  readonly revision: number;
  /** The last event's offset on the bus; -1 when there is none. */
  readonly offset: number;
}

export const NO_STREAM: Head = { revision: -1, offset: -1 };

export class StreamHeads {
  readonly #max: number;
  readonly #heads = new Map<string, Head>();

  constructor(max: number) {
    this.#max = max;
  }

  get(stream: string): Head | undefined {
    const head = this.#heads.get(stream);
    if (head !== undefined) this.set(stream, head);
    return head;
  }

  set(stream: string, head: Head): void {
    this.#heads.delete(stream);
    this.#heads.set(stream, head);
    if (this.#heads.size <= this.#max) return;
    for (const oldest of this.#heads.keys()) {
      this.#heads.delete(oldest);
      return;
    }
  }

  forget(stream: string): void {
    this.#heads.delete(stream);
  }
}
