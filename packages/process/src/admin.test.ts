import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Admin, type AdminOptions, startAdmin } from './admin.js';
import { EXIT } from './exit.js';
import { createHealth } from './health.js';

const open: Admin[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((admin) => admin.close()));
});

async function start(options: Partial<AdminOptions> = {}) {
  const health = createHealth();
  const admin = await startAdmin({
    host: '127.0.0.1',
    port: 0,
    live: health.live,
    ready: health.ready,
    metricsText: async () => 'up 1\n',
    ...options,
  });
  open.push(admin);
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${admin.port}${path}`);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { health, admin, get };
}

describe('the probes', () => {
  it('say where in its life the process is', async () => {
    const { health, get } = await start();
    expect(await get('/livez')).toMatchObject({ status: 200, text: '{"live":true}' });
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: '{"ready":false,"reasons":["it is starting"]}',
    });
    health.started();
    expect(await get('/readyz')).toMatchObject({ status: 200, text: '{"ready":true}' });
    health.draining();
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: expect.stringContaining('it is draining'),
    });
    expect((await get('/livez')).status).toBe(200);
  });

  it('say what a part lacks, and what failed', async () => {
    const { health, get } = await start();
    health.started();
    const reasons: string[] = ['it lags'];
    health.watch(() => reasons);
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: '{"ready":false,"reasons":["it lags"]}',
    });
    reasons.length = 0;
    expect((await get('/readyz')).status).toBe(200);
    health.failed('the disk is gone');
    expect((await get('/readyz')).status).toBe(503);
    expect(await get('/livez')).toMatchObject({
      status: 503,
      text: '{"live":false,"reasons":["the disk is gone"]}',
    });
  });

  it('never become ready again once they drain', async () => {
    const { health, get } = await start();
    health.draining();
    health.started();
    expect((await get('/readyz')).status).toBe(503);
  });
});

describe('the admin server', () => {
  it('gives the measures and whatever else it was told', async () => {
    const { get } = await start({ routes: { '/partitions': () => ({ owned: [1, 2] }) } });
    const metrics = await get('/metrics');
    expect(metrics).toMatchObject({ status: 200, text: 'up 1\n' });
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.headers.get('cache-control')).toBe('no-store');
    expect(await get('/partitions')).toMatchObject({ status: 200, text: '{"owned":[1,2]}' });
    expect((await get('/other')).status).toBe(404);
  });

  it('says which port is taken', async () => {
    const { admin } = await start();
    await expect(start({ port: admin.port })).rejects.toMatchObject({
      exitCode: EXIT.cannotStart,
      message: `Port ${admin.port} on 127.0.0.1, for probes and metrics, is in use by another program. Stop that one, or choose another port with --admin-port.`,
    });
  });

  it('closes with a client that never ends its request', async () => {
    const { admin } = await start();
    const socket = createConnection(admin.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n');
    const closed = once(socket, 'close');
    socket.resume();
    // Its connection must be known to the server before that closes.
    await fetch(`http://127.0.0.1:${admin.port}/livez`);
    await admin.close();
    await closed;
  });
});
