// Where the server is and how to speak to it: one connection string, as both clients read it.

import { PortError } from '@ampledger/ports';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface AddressOptions {
  /**
   * `esdb://`, `esdb+discover://`, `kurrentdb://` or `kurrentdb+discover://`, hosts, and settings in the
   * query (`?tls=false`). Names and passwords belong in `credentials`.
   */
  readonly url: string;
  /** Sent over TLS only. */
  readonly credentials?: Credentials;
  readonly tls?: {
    /** PEM file with the authority that signed the server's certificate; default: the system's. */
    readonly rootCertificateFile?: string;
  };
  /** How long to wait for an answer; default 10 seconds. */
  readonly deadlineMs?: number;
}

export interface Address {
  readonly client: 'esdb' | 'kurrentdb';
  readonly connectionString: string;
  /** For messages: without credentials. */
  readonly shown: string;
  readonly isSecure: boolean;
  readonly credentials?: Credentials;
  readonly deadlineMs: number;
}

const DEADLINE_MS = 10_000;
const FORM = /^(esdb|kurrentdb)(\+discover)?:\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/;
const HINT = 'An event store is given as esdb://host:2113?tls=false or kurrentdb://host:2113';

export function addressOf(options: AddressOptions): Address {
  const [, client, discover = '', user, hosts, query = ''] = FORM.exec(options.url.trim()) ?? [];
  if ((client !== 'esdb' && client !== 'kurrentdb') || hosts === undefined) {
    throw new PortError('INVALID', HINT);
  }
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const credentials = options.credentials ?? credentialsOf(user);
  const settings = settingsOf(query);
  // A failed append must be an exception: as a value it would carry a wrong revision.
  settings.set('throwOnAppendFailure', 'true');
  settings.set('defaultDeadline', String(deadlineMs));
  const root = options.tls?.rootCertificateFile;
  if (root !== undefined) settings.set('tlsCAFile', encodeURIComponent(root));
  const login = credentials
    ? `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`
    : '';
  const search = [...settings].map(([key, value]) => `${key}=${value}`).join('&');
  return {
    client,
    connectionString: `${client}${discover}://${login}${hosts}?${search}`,
    shown: `${client}${discover}://${hosts}`,
    isSecure: settings.get('tls') !== 'false',
    ...(credentials ? { credentials } : {}),
    deadlineMs,
  };
}

function credentialsOf(user: string | undefined): Credentials | undefined {
  if (user === undefined || user === '') return undefined;
  const [username = '', password = ''] = user.split(':').map(decodeURIComponent);
  return { username, password };
}

const OWN_SETTINGS = ['throwOnAppendFailure', 'defaultDeadline', 'tlsCAFile', 'tls'];

/** Keys may be written in any case; ours are found by theirs. */
function settingsOf(query: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [key = '', value = ''] = pair.split('=');
    if (key === '' || value === '') continue;
    const own = OWN_SETTINGS.find((name) => name.toLowerCase() === key.toLowerCase());
    settings.set(own ?? key, value);
  }
  return settings;
}
