// The real link: a WebSocket with the OCPP subprotocol and, where asked, HTTP Basic (OCPP security profile 1).

import { WebSocket } from 'ws';
import type { Dial } from './link.js';

const MESSAGE_BYTES_MAX = 1_000_000;
const HANDSHAKE_MS_MAX = 10_000;
const CLOSE_MS_MAX = 1_000;

export interface WebSocketDialOptions {
  /** Up to, and without, the station's id: `ws://127.0.0.1:9220/ocpp`. */
  readonly url: string;
  readonly password?: string | ((stationId: string) => string | undefined);
}

function basic(id: string, password: WebSocketDialOptions['password']): Record<string, string> {
  const secret = typeof password === 'function' ? password(id) : password;
  if (secret === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

export const webSocketDial =
  ({ url, password }: WebSocketDialOptions): Dial =>
  ({ id, protocol }, handlers) => {
    const socket = new WebSocket(`${url.replace(/\/+$/, '')}/${encodeURIComponent(id)}`, [protocol], {
      headers: basic(id, password),
      perMessageDeflate: false,
      maxPayload: MESSAGE_BYTES_MAX,
      handshakeTimeout: HANDSHAKE_MS_MAX,
      autoPong: false,
    });
    let silent = false;
    let problem = '';
    socket.on('open', () => handlers.onOpen());
    socket.on('message', (data) => handlers.onMessage(String(data)));
    socket.on('ping', (data) => {
      if (!silent) socket.pong(data);
    });
    // `close` always follows `error`, and tells the station.
    socket.on('error', (error) => {
      problem = error.message;
    });
    socket.on('close', (code, reason) => handlers.onClose(code, reason.toString() || problem));
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: (code = 1000, reason = '') => {
        if (silent) socket.terminate();
        else socket.close(code, reason);
        // A peer that does not answer the closing handshake must not hold the process.
        setTimeout(() => socket.terminate(), CLOSE_MS_MAX).unref();
      },
      goSilent: () => {
        silent = true;
      },
    };
  };
