// How a station reaches its central system: a socket, real or not.

import type { Protocol } from './profile-rules.js';

export interface Link {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Stops answering the peer's pings, as a station does whose network died. */
  goSilent?(): void;
}

export interface LinkHandlers {
  onOpen(): void;
  onMessage(text: string): void;
  /** Exactly once, also when the link never opened. */
  onClose(code: number, reason: string): void;
}

export type Dial = (
  station: { readonly id: string; readonly protocol: Protocol },
  handlers: LinkHandlers,
) => Link;
