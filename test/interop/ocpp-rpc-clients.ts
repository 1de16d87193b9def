// Stations that speak through ocpp-rpc in strict mode, one of each version, against a running engine:
// boot, charge, obey a cut, stop. Every message of the engine has to pass that library's own schemas.

import { EventEmitter } from 'node:events';
import { parseArgs } from 'node:util';
import { RPCClient } from 'ocpp-rpc';
import { awaited, type Checks, createChecks } from './checks.js';
import { type Dialect, type Json, OCPP_16, OCPP_201 } from './dialects.js';
import { createOperator, type Operator } from './operator.js';

const HELP = `Usage: node ocpp-rpc-clients.js --site ID --station16 ID --station201 ID
         [--engine ws://127.0.0.1:9220/ocpp] [--api http://127.0.0.1:8220] [--password TEXT] [--token TEXT]
         [--cap AMPERES] [--timeout SECONDS]
`;

interface Setting {
  readonly engine: string;
  readonly operator: Operator;
  readonly password: string | undefined;
  readonly capA: number;
  readonly timeoutMs: number;
}

interface TestStation {
  readonly checks: Checks;
  /** A call of the engine that the station accepted: event `limit` with the limit of a transaction's profile. */
  readonly heard: EventEmitter;
  /** Messages of the engine that failed the library's schemas. */
  readonly violations: readonly object[];
  call(action: string, payload: object): Promise<Json>;
  close(): Promise<void>;
}

async function connect(
  setting: Setting,
  identity: string,
  dialect: Dialect,
  checks: Checks,
): Promise<TestStation> {
  const options: Partial<ConstructorParameters<typeof RPCClient>[0]> = {
    endpoint: setting.engine,
    identity,
    protocols: [dialect.protocol],
    strictMode: true,
    reconnect: false,
    ...(setting.password === undefined ? {} : { password: setting.password }),
  };
  // The library fills in the rest; its types do not say so.
  const client = new RPCClient(options as ConstructorParameters<typeof RPCClient>[0]);
  const heard = new EventEmitter();
  const violations: object[] = [];
  client.on('strictValidationFailure', ({ error, messageId, method }: Json) => {
    violations.push({ method, messageId, error: String(error) });
  });
  for (const [action, reply] of Object.entries(dialect.replies)) {
    client.handle(action, async ({ params }: Json) => {
      if (action === 'SetChargingProfile') hear(heard, dialect, params);
      return reply(params);
    });
  }
  await client.connect();
  return {
    checks,
    heard,
    violations,
    call: (action, payload) => client.call(action, payload),
    close: async () => void (await client.close({ code: 1000 })),
  };
}

function hear(heard: EventEmitter, dialect: Dialect, params: Json): void {
  const profile = dialect.profileOf(params);
  heard.emit('profile', profile);
  if (profile.purpose === 'TxProfile') heard.emit('limit', profile.limit);
}

async function run(setting: Setting, identity: string, dialect: Dialect): Promise<number> {
  const checks = createChecks(`ocpp-rpc ${dialect.protocol}`);
  try {
    const station = await connect(setting, identity, dialect, checks);
    checks.check('connects', true);
    await begin(station, dialect);
    await charge(station, dialect, setting);
    checks.check('every message passes the schemas', station.violations.length === 0, station.violations);
    await station.close();
  } catch (error) {
    checks.check('no call fails', false, String(error));
  }
  return checks.failures;
}

async function begin({ checks, call }: TestStation, dialect: Dialect): Promise<void> {
  const boot = await call('BootNotification', dialect.boot);
  checks.check('boots', boot.status === 'Accepted' && boot.interval > 0, boot);
  await call('StatusNotification', dialect.status);
  checks.check('tells its status', true);
  const authorized = await call('Authorize', dialect.authorize);
  checks.check('is authorized', dialect.accepts(authorized), authorized);
  const heartbeat = await call('Heartbeat', {});
  checks.check(
    'learns the time',
    Math.abs(Date.parse(heartbeat.currentTime) - Date.now()) < 60_000,
    heartbeat,
  );
}

const now = (): string => new Date().toISOString();

async function charge(station: TestStation, dialect: Dialect, setting: Setting): Promise<void> {
  const { checks, heard, call } = station;
  const { capA, operator, timeoutMs } = setting;
  // Listening begins before the call that leads to the limit.
  const offered = awaited<number>(heard, 'limit', (limit) => limit > capA, timeoutMs);
  const transaction = dialect.transactionOf(await call(...dialect.start(now())));
  checks.check('starts a transaction', transaction !== undefined && transaction !== 0, transaction);
  const meter = async (currentA: number): Promise<void> =>
    void (await call('MeterValues', dialect.meter(now(), currentA, transaction)));
  await meter(0);
  const offeredA = await offered;
  checks.check(`is given a limit above ${capA} A`, offeredA !== undefined);
  await meter(offeredA ?? 0);
  checks.check('sends meter values', true);
  await obey(checks, heard, operator, { capA, timeoutMs, meter });
  const stopped = await call(...dialect.stop(now(), transaction));
  checks.check('stops', typeof stopped === 'object');
}

async function obey(
  checks: Checks,
  heard: EventEmitter,
  operator: Operator,
  { capA, timeoutMs, meter }: { capA: number; timeoutMs: number; meter: (currentA: number) => Promise<void> },
): Promise<void> {
  const cut = awaited<number>(heard, 'limit', (limit) => limit <= capA, timeoutMs);
  const status = await operator.cap(capA);
  checks.check('the operator may cap the site', status >= 200 && status < 300, status);
  const cutA = await cut;
  checks.check(`obeys the cut to ${capA} A`, cutA !== undefined);
  await meter(cutA ?? 0);
  const uncapped = await operator.uncap();
  checks.check('the operator may lift the cap', uncapped >= 200 && uncapped < 300, uncapped);
}

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'ws://127.0.0.1:9220/ocpp' },
    api: { type: 'string', default: 'http://127.0.0.1:8220' },
    site: { type: 'string' },
    station16: { type: 'string' },
    station201: { type: 'string' },
    password: { type: 'string' },
    token: { type: 'string' },
    cap: { type: 'string', default: '10' },
    timeout: { type: 'string', default: '60' },
  },
});
const { site, station16, station201 } = values;
if (site === undefined || station16 === undefined || station201 === undefined) {
  process.stderr.write(HELP);
  process.exitCode = 2;
} else {
  const setting: Setting = {
    engine: values.engine,
    operator: createOperator(values.api, site, values.token),
    password: values.password,
    capA: Number(values.cap),
    timeoutMs: Number(values.timeout) * 1000,
  };
  // One after the other, so that each has the site to itself.
  const failures = (await run(setting, station16, OCPP_16)) + (await run(setting, station201, OCPP_201));
  process.exit(failures === 0 ? 0 : 1);
}
