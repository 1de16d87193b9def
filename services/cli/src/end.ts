import type { ExitCode } from './exit.js';

/** How a command says that it ends otherwise than with 0. */
export type End = (code: ExitCode) => void;
