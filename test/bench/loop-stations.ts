// The stations of the loop benchmark, in a process of their own: as little as OCPP 1.6 asks of a
// station with one running transaction. Notes when each SetChargingProfile arrives.

import WebSocket from 'ws';

interface Note {
  /** Milliseconds since the epoch, with fractions. */
  readonly at: number;
  readonly station: number;
}

const [url = '', count = '0', protocol = 'ocpp1.6'] = process.argv.slice(2);
let notes: Note[] = [];

const now = (): number => performance.timeOrigin + performance.now();

function onCall(socket: WebSocket, station: number, id: string, action: string): void {
  if (action === 'SetChargingProfile') notes.push({ at: now(), station });
  const answer =
    action === 'GetConfiguration' ? { configurationKey: [], unknownKey: [] } : { status: 'Accepted' };
  socket.send(JSON.stringify([3, id, answer]));
}

/** Resolves when the station's transaction runs. */
function station(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url}/S${index}`, protocol, { perMessageDeflate: false });
    const send = (id: string, action: string, payload: object): void =>
      socket.send(JSON.stringify([2, id, action, payload]));
    const timestamp = new Date().toISOString();
    socket.on('error', reject);
    socket.on('open', () =>
      send('boot', 'BootNotification', { chargePointVendor: 'bench', chargePointModel: 'bench' }),
    );
    socket.on('message', (data) => {
      const [kind, id, action] = JSON.parse(String(data)) as [number, string, string];
      if (kind === 2) return onCall(socket, index, id, action);
      if (id === 'boot')
        send('status', 'StatusNotification', {
          connectorId: 1,
          errorCode: 'NoError',
          status: 'Charging',
          timestamp,
        });
      if (id === 'status')
        send('start', 'StartTransaction', { connectorId: 1, idTag: 'bench', meterStart: 0, timestamp });
      if (id === 'start') resolve();
    });
  });
}

/** A plain listener for the baseline: notes every frame. */
function listener(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url}/S${index}`, { perMessageDeflate: false });
    socket.on('error', reject);
    socket.on('open', () => resolve());
    socket.on('message', () => notes.push({ at: now(), station: index }));
  });
}

const connect = protocol === 'bare' ? listener : station;
for (let first = 0; first < Number(count); first += 50) {
  const wave = Array.from({ length: Math.min(50, Number(count) - first) }, (_, i) => connect(first + i));
  await Promise.all(wave);
}
process.on('message', (message) => {
  if (message === 'report') process.send?.({ notes });
  if (message === 'reset') notes = [];
});
process.send?.('ready');
