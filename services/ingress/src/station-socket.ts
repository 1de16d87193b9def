// A WebSocket as the core sees it.

import type { WebSocket } from 'ws';
import type { Connection, StationSocket } from './contract.js';

/** The core's handle on a WebSocket. Sending to one that is closing does nothing. */
export const stationSocket = (socket: WebSocket): StationSocket => ({
  send(text) {
    // Without a callback ws reports a failed write by the socket's own 'error' and 'close'.
    if (socket.readyState === socket.OPEN) socket.send(text);
  },
  close: (code, reason) => socket.close(code, reason),
  terminate: () => socket.terminate(),
  ping() {
    if (socket.readyState === socket.OPEN) socket.ping();
  },
  get bufferedAmount() {
    return socket.bufferedAmount;
  },
  pause: () => socket.pause(),
  resume: () => socket.resume(),
});

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
