// What every process of a cluster is told: where bus and store are, who it is, and who may look at it.

import { hostname } from 'node:os';
import {
  anyText,
  duration,
  listOf,
  oneOf,
  port,
  share,
  textLike,
  webAddress,
  wholeNumber,
  yesOrNo,
} from './kind.js';
import { type SettingsOf, setting } from './setting.js';

export const address = anyText('<address>', 'an address or a name of this machine');

const BROKER = /^(?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/;
const EVENT_STORE = /^(?:esdb|kurrentdb)(?:\+discover)?:\/\/\S+$/;
const brokers = listOf(
  textLike('<host:port>', BROKER, 'addresses such as kafka-1:9092,kafka-2:9092'),
  'addresses such as kafka-1:9092,kafka-2:9092',
);
const eventStore = textLike(
  '<url>',
  EVENT_STORE,
  'an address such as esdb://store:2113?tls=false or kurrentdb+discover://cluster:2113',
);

const BROKERS_HELP = 'Kafka brokers to ask for all others';
const EVENT_STORE_HELP =
  'the event store; esdb:// goes through the client of EventStoreDB, kurrentdb:// through that of KurrentDB';

const kafkaCommon = {
  kafkaTopic: setting({
    kind: textLike('<name>', /^[A-Za-z0-9._-]{1,200}$/, 'a name of letters, digits, points, - and _'),
    help: 'the topic that carries all events; what cannot be read goes to <topic>.dead-letters',
    default: 'ampledger.events',
  }),
  partitions: setting({
    kind: wholeNumber(1, 1024),
    help: 'partitions of the topic, the same for every process; never to be changed once there are events',
    default: 12,
  }),
  kafkaSsl: setting({ kind: yesOrNo, help: 'whether to speak TLS with the brokers', default: false }),
  kafkaSaslMechanism: setting({
    kind: oneOf('plain', 'scram-sha-256', 'scram-sha-512'),
    help: 'how to log in at the brokers',
    default: null,
  }),
  kafkaSaslUsername: setting({
    kind: anyText('<name>'),
    help: 'as whom to log in at the brokers',
    default: null,
  }),
  kafkaSaslPassword: setting({
    kind: anyText('<password>'),
    help: 'the password for it',
    default: null,
    secret: true,
  }),
};

const topicCare = {
  replicationFactor: setting({
    kind: wholeNumber(1, 9),
    help: 'copies of each partition, when the topic is made; with 1 a lost broker loses events: take 3 in production',
    default: 1,
  }),
  kafkaRetention: setting({
    kind: duration,
    help: 'how long the topic keeps events, when it is made: more than the recorder may ever lag behind',
    default: 7 * 86_400_000,
  }),
};

const watching = {
  instance: setting({
    kind: textLike('<name>', /^[\w.:-]{1,100}$/, 'a name of letters, digits, points, :, - and _'),
    help: 'who this process is, among all of the cluster',
    default: () =>
      `${hostname()
        .replace(/[^\w.:-]/g, '-')
        .slice(0, 80)}-${process.pid}`,
    shown: '<host name>-<process id>',
  }),
  adminHost: setting({
    kind: address,
    help: 'where /livez, /readyz and /metrics are served; they ask for no token',
    default: '127.0.0.1',
  }),
  logLevel: setting({
    kind: oneOf('debug', 'info', 'warn', 'error', 'silent'),
    help: 'the least that is logged',
    default: 'info',
  }),
  logFormat: setting({
    kind: oneOf('auto', 'json', 'short'),
    help: 'how it is logged, on stderr; auto is short on a terminal and JSON elsewhere',
    default: 'auto',
  }),
  otlpEndpoint: setting({
    kind: webAddress,
    help: 'where traces go, by OTLP over HTTP (/v1/traces is added); none without it',
    default: null,
    alsoEnv: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
  }),
  traceSampling: setting({
    kind: share,
    help: 'the share of messages that are traced; what belongs to a trace that is followed is always',
    default: 0.01,
  }),
};

/** Of every process. */
export const processSettings = {
  kafkaBrokers: setting({ kind: brokers, help: BROKERS_HELP }),
  ...kafkaCommon,
  ...topicCare,
  eventStoreUrl: setting({ kind: eventStore, help: EVENT_STORE_HELP, secret: true }),
  ...watching,
};

/** Of tools, which work on files too. */
export const backboneSettings = {
  kafkaBrokers: setting({ kind: brokers, help: BROKERS_HELP, default: null }),
  ...kafkaCommon,
  eventStoreUrl: setting({ kind: eventStore, help: EVENT_STORE_HELP, default: null, secret: true }),
};

export const adminPort = (usual: number) =>
  setting({
    kind: port,
    help: 'the port of /livez, /readyz and /metrics; 0 is any free one',
    default: usual,
  });

type Sasl = Pick<
  SettingsOf<typeof processSettings>,
  'kafkaSaslMechanism' | 'kafkaSaslUsername' | 'kafkaSaslPassword'
>;

/** Who logs in needs all three. */
export function checkSasl(values: Sasl): readonly string[] {
  const parts = [values.kafkaSaslMechanism, values.kafkaSaslUsername, values.kafkaSaslPassword];
  const given = parts.filter((part) => part !== null).length;
  return given === 0 || given === parts.length
    ? []
    : [
        'kafkaSaslMechanism, kafkaSaslUsername and kafkaSaslPassword belong together: set all of them or none',
      ];
}
