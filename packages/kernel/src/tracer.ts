// Traces without a library: the few words that services need. Who exports them is decided at start-up.

export interface Span {
  /** W3C traceparent of this span, for those who go on from it; undefined when it is not sampled. */
  readonly traceparent: string | undefined;
  end(attributes?: Readonly<Record<string, string | number | boolean>>): void;
}

export interface Tracer {
  /** Begins a span: a new trace, or part of the one that `parent` names. */
  start(name: string, parent?: string): Span;
}

const NO_SPAN: Span = { traceparent: undefined, end: () => {} };
/** Records nothing. */
export const NO_TRACES: Tracer = { start: () => NO_SPAN };
