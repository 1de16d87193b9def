import type { Binding, ConnectorView, SiteView } from '@ampledger/domain';
import { EVENT_SCHEMAS } from '@ampledger/domain';
import { evenly, nodeId, ZERO } from '@ampledger/kernel';
import { expect, test } from 'vitest';
import { addToLog, allLines, EMPTY_LOG, LOG_LINES_MAX } from '../model/log.js';
import { aConnector, aSession, aSite, NOON } from '../testing.js';
import { connectorState, hasAlarm, tallyOf, waitingWords } from './connector-state.js';
import { fallbackWords, limitWords } from './envelope.js';
import { STORY_TYPES, tell } from './events.js';
import { explain, rivalsOf, sharesLimit } from './explain.js';
import {
  amperes,
  carPower,
  duration,
  energy,
  figure,
  listMoment,
  nearMoment,
  reading,
  shortMoment,
} from './format.js';
import { needsFacts, phasesWords, saidWords } from './needs.js';

test.each([
  [0, '0'],
  [-0.01, '0'],
  [12, '12'],
  [12.34, '12.3'],
  [-3.25, '-3.3'],
  [120.6, '121'],
])('%d reads %s', (value, words) => {
  expect(figure(value)).toBe(words);
});

test('units, durations and moments', () => {
  expect([amperes(6), energy(850), energy(5400), reading(65), reading(0.01)]).toEqual([
    '6 A',
    '850 Wh',
    '5.4 kWh',
    '65.0',
    '0',
  ]);
  expect([4_000, 59_600, 3_900_000, 187_200_000, -5].map(duration)).toEqual([
    '4 s',
    '1 min',
    '1 h 05 min',
    '2 d 4 h',
    '0 s',
  ]);
  expect(shortMoment(NOON, NOON, 'Europe/Berlin')).toBe('12:00');
  const days = (count: number): string => nearMoment(NOON + count * 86_400_000, NOON, 'Europe/Berlin');
  expect([0, 1, 6, 7].map(days)).toEqual(['12:00', 'Tue 12:00', 'Sun 12:00', 'Mon 9 Mar, 12:00']);
  expect(listMoment(NOON, NOON, 'Europe/Berlin')).toBe('12:00:00');
  expect(listMoment(NOON - 86_400_000, NOON, 'Europe/Berlin')).toBe('1 Mar');
  expect(shortMoment(NOON - 86_400_000, NOON, 'Europe/Berlin')).toBe('Sun 1 Mar, 12:00');
});

const UNSHARED = { gainA: null, sharers: null, until: null } as const;
const LINK = {
  node: nodeId('feeder'),
  phase: 1,
  envelope: 'operator',
  capacity: 26.5,
  ...UNSHARED,
} as const;

test.each<[string, Partial<ConnectorView>]>([
  ['Available', {}],
  ['Charging', { status: 'SuspendedEVSE', session: aSession(), drawA: evenly(8) }],
  ['Waiting', { status: 'SuspendedEVSE', session: aSession(), because: { kind: 'waiting', ...LINK } }],
  ['Paused by the car', { status: 'SuspendedEV', session: aSession() }],
  ['Offline', { online: false, status: 'Charging' }],
  ['Offline', { online: false, status: null, acceptedA: 6 }],
  ['Not seen yet', { online: false, status: null, acceptedA: null, alarms: ['offline'] }],
  ['Faulted', { online: false, status: 'Faulted' }],
])('a connector is %s', (word, fields) => {
  expect(connectorState(aConnector('cp-1', fields)).word).toBe(word);
});

test('alarms are counted, the absence of one never seen is not', () => {
  const connectors = [
    aConnector('a', { alarms: ['disobeys'] }),
    aConnector('b', { status: 'Faulted' }),
    aConnector('c', { online: false, status: null, acceptedA: null, alarms: ['offline'] }),
  ];
  expect(connectors.map(hasAlarm)).toEqual([true, true, false]);
  expect(tallyOf(connectors)).toEqual({ all: 3, charging: 0, waiting: 0, alarms: 2 });
});

test('a waiting car is told what holds it and what would free it', () => {
  const waiting = aConnector('cp-1', { because: { kind: 'waiting', ...LINK } });
  const view = aSite({
    connectors: [waiting, aConnector('cp-2', { because: { kind: 'link', ...LINK } }), aConnector('cp-3')],
    envelopes: [
      {
        source: 'operator',
        node: nodeId('feeder'),
        limitA: evenly(30),
        limitW: null,
        from: null,
        to: NOON + 3_600_000,
        state: 'active',
        fallback: null,
        silenceS: null,
      },
    ],
  });
  expect(explain(view, waiting)).toEqual({
    holds:
      'Feeder A L2 can carry 26.5 A for cars (cap by the operator), shared with 1 other. No part of that is left that reaches its least useful current, 6 A.',
    frees:
      'Its turn comes by itself, in rotation. Sooner when another car there stops or takes less or the cap by the operator ends at 13:00.',
  });
});

test('a limit on power is told in kilowatts', () => {
  const connector = aConnector('cp-1', {
    because: {
      kind: 'link',
      node: nodeId('grid'),
      phase: null,
      envelope: 'rating',
      capacity: 20_000,
      ...UNSHARED,
    },
  });
  expect(explain(aSite({ connectors: [connector] }), connector)).toEqual({
    holds: 'Grid can carry 20 kW for cars (rating).',
    frees: 'More current follows when another car there stops or takes less or its limit is raised.',
  });
});

test('what the plan has for a car is told in the words of the domain', () => {
  const reason = 'The plan has no room for it: by its departure at 17:40 it will be short by 5.7 kWh.';
  const connector = aConnector('cp-1', { because: { kind: 'bound', bound: 'plan' }, reason });
  expect(explain(aSite(), connector).holds).toBe(reason);
});

test('every bound of its own has its words', () => {
  const bounds = [
    'maximum',
    'draw',
    'car',
    'no-session',
    'unavailable',
    'offline',
    'not-commissioned',
    'disobeys',
    'undecided',
    'plan',
    'delay',
  ] as const;
  for (const bound of bounds) {
    const { holds, frees } = explain(aSite(), aConnector('cp-1', { because: { kind: 'bound', bound } }));
    expect(holds.length * frees.length, bound).toBeGreaterThan(0);
  }
});

const bindsBy = (change: Partial<Extract<Binding, { kind: 'link' }>>, site: Partial<SiteView> = {}) => {
  const connector = aConnector('cp-1', { because: { kind: 'link', ...LINK, envelope: 'rating', ...change } });
  return explain(aSite({ connectors: [connector], ...site }), connector);
};

test('what a limit costs a car, with whom it shares it, and until when', () => {
  expect(bindsBy({ gainA: 0.25, sharers: 4, until: NOON + 1_800_000 })).toEqual({
    holds:
      'Feeder A L2 can carry 26.5 A for cars (rating), shared with 3 others. 1 A more there would add 0.25 A to its share.',
    frees:
      'More current follows when another car there stops or takes less or its limit is raised. It is shared out anew at 12:30 at the latest.',
  });
  expect(bindsBy({ phase: null, capacity: 20_000, gainA: 0.000_72 }).holds).toContain(
    '1 kW more there would add 0.72 A to its share.',
  );
});

test('a car that more room would not help is told who comes first', () => {
  const told = (sharers: number, connector: Partial<ConnectorView>, policy: SiteView['policy']): string => {
    const because = { kind: 'link', ...LINK, envelope: 'rating', gainA: 0.001, sharers } as const;
    const held = aConnector('cp-1', { because, ...connector });
    return explain(aSite({ connectors: [held, aConnector('cp-2')], policy }), held).holds;
  };
  expect(told(3, { allocationA: 6 }, 'balanced')).toBe(
    'Feeder A L2 can carry 26.5 A for cars (rating). It has its minimum, 6 A. 1 A more there would go to 3 others first: who needs it more (policy balanced).',
  );
  expect(told(1, { allocationA: 7.5 }, 'urgent')).toBe(
    'Feeder A L2 can carry 26.5 A for cars (rating). 1 A more there would go to another car first: who can wait less (policy urgent).',
  );
  expect(told(2, { allocationA: 7.5, priority: 5 }, 'balanced')).toContain(
    'would go to 2 others first: by priority, then who needs it more (policy balanced).',
  );
  expect(told(0, { allocationA: 7.5 }, 'fair')).toBe(
    'Feeder A L2 can carry 26.5 A for cars (rating). Other limits hold too: 1 A more there would help no car.',
  );
  const because = { kind: 'link', ...LINK, envelope: 'rating' } as const;
  const least = aConnector('cp-1', { because, allocationA: 6 });
  const beside = (allocationA: number): string =>
    explain(aSite({ connectors: [least, aConnector('cp-2', { because, allocationA })] }), least).holds;
  expect(beside(16)).toMatch(
    /It has its minimum, 6 A. Others there have more: who needs it more \(policy balanced\).$/,
  );
  expect([beside(0), beside(6)]).toEqual([
    'Feeder A L2 can carry 26.5 A for cars (rating), shared with 1 other.',
    'Feeder A L2 can carry 26.5 A for cars (rating), shared with 1 other.',
  ]);
});

test('who is held by the same limit is known', () => {
  const link = { kind: 'link', ...LINK } as const;
  const [one, other, elsewhere, free] = [
    aConnector('a', { because: link }),
    aConnector('b', { because: { ...link, kind: 'waiting' } }),
    aConnector('c', { because: { ...link, line: 'primary' } }),
    aConnector('d'),
  ];
  const view = aSite({ connectors: [one, other, elsewhere, free] });
  expect(rivalsOf(link, view, one).map(({ station }) => station)).toEqual(['b']);
  expect([one, other, elsewhere, free].map((each) => sharesLimit(each, one))).toEqual([
    false,
    true,
    false,
    false,
  ]);
  expect(sharesLimit(one, free)).toBe(false);
  expect(sharesLimit(one, undefined)).toBe(false);
});

test.each([
  ['leg', { wiring: 'delta' }, {}, 'Feeder A BC can carry 26.5 A for cars (rating).'],
  [
    'line',
    { wiring: 'delta' },
    { line: 'primary' },
    'Line B of the transformer of Feeder A (primary side) can carry 26.5 A in all (rating).',
  ],
  // A panel has no transformer.
  [
    'panel',
    { wiring: 'delta' },
    { line: 'secondary' },
    'Line B of Feeder A can carry 26.5 A in all (rating).',
  ],
  [
    'unbalance',
    {},
    { line: 'unbalance', phase: null },
    'The phases of Feeder A may differ by 26.5 A (rating).',
  ],
  [
    'unbalance that is worth something',
    {},
    { line: 'unbalance', phase: 0, gainA: 1, sharers: 1 },
    'The phases of Feeder A may differ by 26.5 A (rating). 1 A more of that difference would add 1 A to its share.',
  ],
] as const)('a limit on a %s is told as one', (_, site, change, holds) => {
  expect(bindsBy(change, site).holds).toBe(holds);
});

const NEEDS = {
  energyWh: 12_400,
  energySource: 'driver',
  departAt: NOON + 6 * 3_600_000,
  departSource: 'learned',
} as const;

test('what a car wants is told, with how it is known', () => {
  const clock = { at: NOON, timeZone: 'Europe/Berlin' };
  expect(saidWords(null, clock)).toBeNull();
  expect(saidWords(NEEDS, clock)).toBe('Wants 12.4 kWh.');
  expect(saidWords({ ...NEEDS, departSource: 'iso15118' }, clock)).toBe('Wants 12.4 kWh by 18:00.');
  expect(saidWords({ ...NEEDS, energySource: 'site', departSource: 'api' }, clock)).toBe('Leaves at 18:00.');
  expect(saidWords({ ...NEEDS, energySource: 'site' }, clock)).toBeNull();
  expect(needsFacts(NEEDS, clock)).toEqual([
    ['Wants', '12.4 kWh more, said the driver'],
    ['Leaves', '18:00, as is usual here'],
  ]);
  expect(needsFacts({ ...NEEDS, energyWh: null, departAt: null }, clock)).toEqual([]);
});

test.each<[Partial<ConnectorView>, string]>([
  [{}, 'L1 L2 L3; which of them the car uses is not known yet'],
  [{ carPhases: [0, 1, 2] }, 'L1 L2 L3; the car uses all of them'],
  [{ carPhases: [1] }, 'L2 of L1 L2 L3, as its meter shows'],
])('the phases of %j are told', (fields, words) => {
  expect(phasesWords(aConnector('cp-1', fields), 'wye')).toBe(words);
});

const event = (type: string, data: object, position = 1) => ({
  position,
  type,
  receivedAt: NOON,
  data: data as Readonly<Record<string, unknown>>,
});
const CAP = { site: 'garage', source: 'operator', node: 'grid', limitA: [40, 40, 40], limitW: null };

test.each([
  ['EnvelopeSet', CAP, 'The operator capped Grid at 40 A.', 'main'],
  [
    'EnvelopeSet',
    { ...CAP, source: 'openadr', limitA: null, limitW: 22_000 },
    'OpenADR signal capped Grid at 22 kW.',
    'main',
  ],
  ['EnvelopeSet', { ...CAP, limitA: [40, 40, 30] }, 'The operator capped Grid at 40 / 40 / 30 A.', 'main'],
  [
    'EnvelopeSet',
    { ...CAP, fallback: { limitA: [6, 6, 6], limitW: null }, silenceS: 300 },
    'The operator capped Grid at 40 A (falls back to 6 A when silent for 5 min).',
    'main',
  ],
  ['SessionStarted', { station: 'cp-1', evseId: 1 }, 'A session started at cp-1.', 'main'],
  [
    'CallAnswered',
    { station: 'cp-1', outcome: 'result', status: 'Accepted' },
    'cp-1 answered: Accepted.',
    'step',
  ],
  [
    'CallAnswered',
    { station: 'cp-1', outcome: 'timeout', status: null },
    'cp-1 did not follow a call: no answer in time.',
    'main',
  ],
  [
    'CallRequested',
    {
      station: 'cp-1',
      action: 'SetChargingProfile',
      grants: [{ connector: 'cp-1/1', limitA: 13, kind: 'session' }],
    },
    'cp-1 was offered 13 A.',
    'step',
  ],
  [
    'ConnectorStatusChanged',
    { station: 'cp-1', evseId: 1, status: 'Faulted' },
    'cp-1 reports a fault.',
    'main',
  ],
  [
    'ConnectorDisobeyed',
    { connector: 'cp-1/1', drawA: 16.2, heldA: 9 },
    'cp-1 draws 16.2 A but may draw 9 A.',
    'main',
  ],
  [
    'ChargingNeedsNotified',
    { station: 'cp-1', evseId: 1, source: 'driver', energyWh: 12_400, departAt: NOON + 3_600_000 },
    'The driver at cp-1 wants 12.4 kWh and leaves at 13:00.',
    'main',
  ],
  [
    'ChargingNeedsNotified',
    { station: 'cp-1', evseId: 1, source: 'iso15118', energyWh: null, departAt: null },
    'The car at cp-1 says what it can take.',
    'main',
  ],
  [
    'SignalSet',
    { signal: 'pv', values: [1, 2] },
    'A forecast of the photovoltaics for 2 periods arrived.',
    'step',
  ],
  ['PlanMade', { sessions: [{}] }, 'A plan was made for 1 car.', 'step'],
  ['SomethingNew', {}, 'SomethingNew.', 'step'],
  ['LimitsAllocated', {}, 'LimitsAllocated.', 'step'],
])('%s is told', (type, data, text, weight) => {
  expect(tell(event(type, data), aSite())).toMatchObject({ text, weight });
});

test('every event of the domain is told, whatever its data', () => {
  for (const type of Object.keys(EVENT_SCHEMAS)) expect(tell(event(type, {}), aSite()).text).not.toBe('');
  for (const type of STORY_TYPES) expect(Object.keys(EVENT_SCHEMAS)).toContain(type);
});

test('the log is newest first, without repetition, and steps do not push the story off it', () => {
  const steps = Array.from({ length: 80 }, (_, index) =>
    event('MeterSampled', { station: 'cp-1', evseId: 1 }, index + 10),
  );
  const start = addToLog(
    EMPTY_LOG,
    [event('EngineStarted', {}, 1), event('SessionStarted', { station: 'cp-1', evseId: 1 }, 2)],
    aSite(),
  );
  const log = addToLog(addToLog(start, steps, aSite()), [event('EngineStarted', {}, 1)], aSite());
  expect(log.story.map(({ position }) => position)).toEqual([2, 1]);
  expect(log.steps).toHaveLength(LOG_LINES_MAX);
  expect(allLines(log)[0]?.position).toBe(89);
  expect(allLines(log)).toHaveLength(LOG_LINES_MAX);
});

test('a connector of a station with one goes by the station', () => {
  expect(
    explain(
      aSite({
        connectors: [aConnector('cp-1', { drawA: ZERO, because: { kind: 'bound', bound: 'disobeys' } })],
      }),
      aConnector('cp-1', { because: { kind: 'bound', bound: 'disobeys' } }),
    ).frees,
  ).toContain('cp-1 must');
});

test('what cars wait for is told: their turn, the plan, or something else', () => {
  const held = { kind: 'bound', bound: 'plan' } as const;
  const waits = (because: Binding) =>
    aConnector('cp-1', { session: aSession(), status: 'SuspendedEVSE', because });
  const turn = waits({ kind: 'waiting', ...LINK });
  const plan = waits(held);
  const other = waits({ kind: 'bound', bound: 'delay' });
  expect(waitingWords([aConnector('cp-1')])).toBe('every car is served');
  expect(waitingWords([turn, turn])).toBe('in rotation');
  expect(waitingWords([plan])).toBe('held by the plan');
  expect(waitingWords([turn, plan, plan, other])).toBe('1 in rotation, 2 held by the plan, 1 paused');
  expect(connectorState(plan)).toEqual({ word: 'Held by plan', tone: 'waiting' });
  expect(tallyOf([turn, plan, aConnector('cp-2', { because: held })]).waiting).toBe(2);
});

test('limits of envelopes are of lines behind a delta, and say what follows silence', () => {
  const unequal = { limitA: [40, 40, 30], limitW: null } as const;
  expect([limitWords(unequal, 'wye'), limitWords(unequal, 'delta')]).toEqual([
    '40 / 40 / 30 A',
    '40 / 40 / 30 A per line',
  ]);
  expect(limitWords({ limitA: evenly(40), limitW: 22_000 }, 'wye')).toBe('40 A, 22 kW');
  expect(limitWords({ limitA: null, limitW: null }, 'wye')).toBeNull();
  const fallback = { limitA: null, limitW: 5_000 };
  expect(fallbackWords({ fallback, silenceS: 90 }, 'wye')).toBe('falls back to 5 kW when silent for 90 s');
  expect(fallbackWords({ fallback: null, silenceS: null }, 'wye')).toBeNull();
});

test('a DC connector says the power of its car', () => {
  const dc = { carWattsPerA: 500, ownDrawA: 37, offerA: 48 };
  expect(carPower(aConnector('d', dc))).toBe('18.5 / 24 kW');
  expect(carPower(aConnector('d', { ...dc, ownDrawA: null }))).toBe('– / 24 kW');
  expect(carPower(aConnector('d', { ...dc, carWattsPerA: null }))).toBeNull();
});
