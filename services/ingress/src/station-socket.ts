// A WebSocket as the core sees it.

import type { WebSocket } from 'ws';
import type { Connection, StationSocket } from './contract.js';

/** The core's handle on a WebSocket. Sending to one that is closing does nothing. */
export class WebStationSocket implements StationSocket {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string): void {
    // Without a callback ws reports a failed write by the socket's own 'error' and 'close'.
    if (this.#isOpen) this.#socket.send(text);
  }

  ping(): void {
    if (this.#isOpen) this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }
}

/** Hands what the socket hears to the core. */
export function attach(socket: WebSocket, connection: Connection, onBinary: () => void): void {
  socket.on('message', (data, isBinary) => {
    if (!isBinary) {
      connection.onMessage(data.toString());
      return;
    }
    // OCPP-J is text (OCPP 2.0.1 part 4, 4.1.1).
    onBinary();
    socket.close(1003, 'text frames only');
    connection.onClosed(1003, 'text frames only');
  });
  socket.on('pong', () => connection.onPong());
  socket.on('close', (code, reason) => connection.onClosed(code, reason.toString()));
}
