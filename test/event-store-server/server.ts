// An event store server: the published gRPC protocol of KurrentDB and EventStoreDB, as far as the engine
// uses it, over the embedded log. What it has answered survives kill -9. It exists so that both clients
// and all that stands on them can be tested, and killed, where no database server is installed.

import { type EmbeddedLog, openEmbeddedLog } from '@ampledger/embedded-log';
import { Server, ServerCredentials, type sendUnaryData, status } from '@grpc/grpc-js';
import { type Credentials, createAdmission } from './admission.js';
import { createAppendCalls } from './append-calls.js';
import { addGossip } from './gossip.js';
import { createHistory } from './history.js';
import {
  type Empty,
  type SupportedMethods,
  serverFeaturesGrpc,
  serverFeaturesPb,
  streamsGrpc,
} from './protocol.js';
import { createReadCalls } from './read-calls.js';

/** The clients' own bound on what they receive. */
const MESSAGE_BYTES_MAX = 17 * 1024 * 1024;

export interface EventStoreServerOptions {
  readonly directory: string;
  /** Default: any free one. */
  readonly port?: number;
  /** PEM. Without it the server speaks in the clear. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly credentials?: Credentials;
}

export interface EventStoreServer {
  readonly port: number;
  /** A connection string, for `esdb` or `kurrentdb`. */
  url(scheme: string): string;
  /** Ends every call at once, as a crash would, then closes the log. */
  close(): Promise<void>;
}

export async function startEventStoreServer(options: EventStoreServerOptions): Promise<EventStoreServer> {
  const log = await openEmbeddedLog({ directory: options.directory, onWarning: () => undefined });
  const server = createServer(log, options.credentials);
  let port = 0;
  addGossip(server, () => port);
  try {
    port = await listen(server, options);
    return {
      port,
      url: (scheme) => `${scheme}://localhost:${port}?tls=${options.tls ? 'true' : 'false'}`,
      async close() {
        server.forceShutdown();
        await log.close();
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}

function createServer(log: EmbeddedLog, credentials: Credentials | undefined): Server {
  const admission = createAdmission(credentials);
  const history = createHistory(log);
  const server = new Server({ 'grpc.max_receive_message_length': MESSAGE_BYTES_MAX });
  server.addService(serverFeaturesGrpc.ServerFeaturesService, {
    getSupportedMethods: (_call: unknown, respond: sendUnaryData<SupportedMethods>) =>
      respond(null, supportedMethods()),
  });
  const unimplemented = (_call: unknown, respond: sendUnaryData<Empty>): void =>
    respond({ code: status.UNIMPLEMENTED, details: 'Nothing is ever deleted' });
  server.addService(streamsGrpc.StreamsService, {
    ...createReadCalls(history, log.bus, admission),
    ...createAppendCalls(history, admission),
    delete: unimplemented,
    tombstone: unimplemented,
  });
  return server;
}

function supportedMethods(): SupportedMethods {
  const methods = new serverFeaturesPb.SupportedMethods();
  methods.setEventStoreServerVersion('24.10.0');
  for (const name of ['read', 'append', 'batchappend', 'delete', 'tombstone']) {
    const method = new serverFeaturesPb.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    if (name === 'read') method.setFeaturesList(['position', 'events']);
    if (name === 'batchappend') method.setFeaturesList(['deadline_duration']);
    methods.addMethods(method);
  }
  return methods;
}

function listen(server: Server, { port, tls }: EventStoreServerOptions): Promise<number> {
  const credentials = tls
    ? ServerCredentials.createSsl(null, [
        { cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.key) },
      ])
    : ServerCredentials.createInsecure();
  return new Promise((resolve, reject) => {
    server.bindAsync(`localhost:${port ?? 0}`, credentials, (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
}
