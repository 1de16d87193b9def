// The only inheritance in the code base: an error with a code from a closed list that
// says whether trying again may help.

export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly canRetry: boolean;

  constructor(code: Code, message: string, options: { canRetry?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.canRetry = options.canRetry ?? false;
  }
}

/** A broken invariant: stays on in production; the process ends, restarts and replays. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new CodedError('INVARIANT', `Broken invariant: ${message}`);
}

/** The end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new CodedError('INVARIANT', `Unhandled case: ${JSON.stringify(value)}`);
}
