import type { DomainEvent, EventData } from '@ampledger/domain';
import { settle } from '@ampledger/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, connected, startBench } from '../testing.js';

const TRIGGER = { action: 'TriggerMessage', payload: { requestedMessage: 'Heartbeat' } };

type Answer = Omit<EventData<'CallAnswered'>, 'station' | 'call'>;
const ANSWER: Answer = { outcome: 'result', status: null, payload: null, description: null };

describe('calls', () => {
  let bench: Bench;
  let calls = 0;
  beforeEach(async () => {
    calls = 0;
    bench = await startBench({ newId: () => `call-${++calls}`, limits: { waitingCallsMax: 2 } });
    await bench.say(connected('CP1'));
  });
  afterEach(() => bench.close());

  const post = (body: object, station = 'CP1') =>
    bench.api.inject({ method: 'POST', url: `/api/v1/stations/${station}/calls`, payload: body });
  const requested = async () =>
    (await bench.api.inject('/api/v1/events?type=OperatorCallRequested')).json().events;
  const answer = (call: string, answered: Partial<Answer>) =>
    bench.say({
      type: 'CallAnswered',
      data: { station: 'CP1', call, ...ANSWER, ...answered },
    } as DomainEvent);
  /** A call that has been asked for; its answer is pending. */
  const started = async (body: object = TRIGGER) => {
    const before = (await requested()).length;
    const pending = post(body).then((answer) => answer);
    while ((await requested()).length === before) await settle();
    return { pending };
  };

  it('asks the command service, and returns the station’s answer', async () => {
    const { pending } = await started();
    expect(await requested()).toEqual([
      expect.objectContaining({
        site: 'garage',
        correlationId: 'call-1',
        data: { station: 'CP1', call: 'call-1', ...TRIGGER },
      }),
    ]);
    await answer('call-other', { payload: { status: 'Rejected' } });
    await answer('call-1', { status: 'Accepted', payload: { status: 'Accepted' } });
    const response = await pending;
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ call: 'call-1', result: { status: 'Accepted' } });
  });

  it('returns a CALLERROR as an answer', async () => {
    const { pending } = await started();
    await answer('call-1', { outcome: 'error', status: 'NotSupported', description: 'no' });
    const response = await pending;
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ call: 'call-1', error: { code: 'NotSupported', description: 'no' } });
  });

  it.each([
    ['unsent', 409, 'call-unsent'],
    ['timeout', 504, 'no-answer'],
    ['lost', 504, 'no-answer'],
    ['invalid', 502, 'invalid-answer'],
  ] as const)('tells %s', async (outcome, status, kind) => {
    const { pending } = await started();
    await answer('call-1', { outcome });
    const response = await pending;
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ type: `urn:ampledger:problem:${kind}`, call: 'call-1' });
  });

  it('tells why a call was refused', async () => {
    const { pending } = await started();
    await bench.say({
      type: 'OperatorCallRefused',
      data: { station: 'CP1', call: 'call-1', reason: 'It would overload feeder-a.' },
    } as DomainEvent);
    expect((await pending).json()).toMatchObject({ status: 409, detail: 'It would overload feeder-a.' });
  });

  it('gives up after its time', async () => {
    const { pending } = await started({ ...TRIGGER, timeoutS: 5 });
    await bench.clock.advance(5_000);
    expect((await pending).json()).toMatchObject({ status: 504, call: 'call-1' });
  });

  it('bounds how many wait', async () => {
    const first = await started();
    const second = await started();
    const third = await post(TRIGGER);
    expect(third.statusCode).toBe(503);
    expect(third.headers['retry-after']).toBe('1');
    await answer('call-1', { payload: {} });
    await answer('call-2', { payload: {} });
    expect([(await first.pending).statusCode, (await second.pending).statusCode]).toEqual([200, 200]);
    expect(await requested()).toHaveLength(2);
  });

  it('ends with the API', async () => {
    const { pending } = await started();
    await bench.api.close();
    expect((await pending).statusCode).toBe(503);
  });

  it.each([
    ['an unknown station', TRIGGER, 'CP9', 404],
    ['a station that is not connected', TRIGGER, 'CP2', 409],
    [
      'a payload that fails the schema',
      { action: 'TriggerMessage', payload: { requestedMessage: 'Nothing' } },
      'CP1',
      400,
    ],
    ['another version’s action', { action: 'SetVariables', payload: {} }, 'CP1', 400],
    ['a station’s action', { action: 'BootNotification', payload: {} }, 'CP1', 400],
    ['a name of an object’s prototype', { action: 'constructor', payload: {} }, 'CP1', 400],
    ['no payload', { action: 'TriggerMessage' }, 'CP1', 400],
    ['an hour of waiting', { ...TRIGGER, timeoutS: 3600 }, 'CP1', 400],
  ])('refuses %s', async (_what, body, station, status) => {
    const response = await post(body, station);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ status, detail: expect.any(String) });
    expect(await requested()).toHaveLength(0);
  });

  it('shows stations', async () => {
    const all = (await bench.api.inject('/api/v1/stations?site=garage')).json();
    expect(
      all.stations.map((station: { id: string; online: boolean }) => [station.id, station.online]),
    ).toEqual([
      ['CP1', true],
      ['CP2', false],
    ]);
    expect((await bench.api.inject('/api/v1/stations/CP1')).json()).toMatchObject({
      id: 'CP1',
      protocol: 'ocpp1.6',
    });
    expect((await bench.api.inject('/api/v1/stations/CP9')).statusCode).toBe(404);
    expect((await bench.api.inject('/api/v1/stations?site=depot')).statusCode).toBe(404);
  });
});
