// The server as a process of its own. Argument: its options as JSON. Prints its port when it serves.

import { writeSync } from 'node:fs';
import { type EventStoreServerOptions, startEventStoreServer } from './server.js';

const server = await startEventStoreServer(JSON.parse(process.argv[2] ?? '{}') as EventStoreServerOptions);
const stop = (): void => {
  server.close().catch(() => process.exit(1));
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
writeSync(1, `serving ${server.port}\n`);
