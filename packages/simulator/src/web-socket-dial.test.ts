import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createRandom } from './random.js';
import { createSimulatedStation } from './station.js';
import { webSocketDial } from './web-socket-dial.js';

describe('webSocketDial', () => {
  it('boots over a real socket, with subprotocol and password, and comes back after a loss', async () => {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: (offered) => [...offered][0] ?? false,
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const station = createSimulatedStation({
      id: 'a:b',
      protocol: 'ocpp2.0.1',
      connectors: [{ evseId: 1, phases: [0], maxA: 16 }],
      voltageV: 230,
      clock: systemClock,
      random: createRandom(1),
      dial: webSocketDial({ url: `ws://127.0.0.1:${port}/ocpp/`, password: 'secret' }),
      meterIntervalS: 60,
      backOff: { minS: 0.01, rangeS: 0.01 },
    });
    try {
      const [socket, request] = await once(server, 'connection');
      expect([request.url, socket.protocol]).toEqual(['/ocpp/a%3Ab', 'ocpp2.0.1']);
      expect(request.headers.authorization).toBe(`Basic ${Buffer.from('a:b:secret').toString('base64')}`);
      const [frame] = await once(socket, 'message');
      const boot = JSON.parse(String(frame));
      expect(boot[2]).toBe('BootNotification');
      socket.ping();
      await once(socket, 'pong');
      socket.send(
        JSON.stringify([
          3,
          boot[1],
          { status: 'Accepted', currentTime: new Date().toISOString(), interval: 300 },
        ]),
      );
      const [status] = await once(socket, 'message');
      expect(JSON.parse(String(status))[2]).toBe('StatusNotification');
      socket.terminate();
      const [second] = await once(server, 'connection');
      expect(JSON.parse(String((await once(second, 'message'))[0]))[2]).toBe('BootNotification');
    } finally {
      station.close();
      server.close();
    }
  });
});
