// What one process can have of these clients, decided when a store is opened.
//
// Both generate code into the same global names (`proto.event_store.client`), so the one loaded last
// breaks the other: a process uses one of them. And 6.2.1 keeps the appends of all its instances in one
// table, where the failure of one connection rejects the appends of every other, and a reply to one of
// those ends the process: so one instance appends over the shared stream, and any other by single calls.

import { PortError } from '@ampledger/ports';
import type { Address, Credentials } from './address.js';

let loaded: Address['client'] | undefined;
let isStreamTaken = false;

/** Throws INVALID when this process uses the other client. */
export function claimClient({ client, shown }: Address): void {
  const isForeign = loaded === undefined ? isKurrentdbAmongOthers(client) : loaded !== client;
  if (isForeign) {
    throw new PortError(
      'INVALID',
      `${shown}: this process uses the other client already; one process speaks either esdb:// or kurrentdb://`,
    );
  }
  loaded = client;
}

/** Generated code of somebody else, such as a server in a test, would be broken by that of the newer client. */
function isKurrentdbAmongOthers(client: Address['client']): boolean {
  const proto: unknown = Reflect.get(globalThis, 'proto');
  return client === 'kurrentdb' && typeof proto === 'object' && proto !== null && 'event_store' in proto;
}

export interface AppendLease {
  /** With these every append is a call of its own. */
  readonly appendCredentials?: Credentials;
  release(): void;
}

export function leaseAppends(address: Address): AppendLease {
  if (address.client === 'kurrentdb') return { release: () => undefined };
  if (!isStreamTaken) {
    isStreamTaken = true;
    let held = true;
    return {
      release() {
        if (held) isStreamTaken = false;
        held = false;
      },
    };
  }
  if (address.isSecure && !address.credentials) {
    throw new PortError(
      'INVALID',
      `${address.shown}: a second esdb:// store in one process needs credentials, or kurrentdb://`,
    );
  }
  // In the clear the client sends none, but they choose the form of its append all the same.
  return {
    appendCredentials: address.credentials ?? { username: 'none', password: 'none' },
    release: () => undefined,
  };
}
