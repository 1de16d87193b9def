// Where the API may listen without tokens: on addresses that only this machine can reach.

import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { CodedError } from '@ampledger/kernel';
import type { ApiToken } from './token.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  if (isIPv4(host)) return loopback.check(host, 'ipv4');
  return isIPv6(host) && loopback.check(host, 'ipv6');
}

/** Throws TOKENS_REQUIRED when the address can be reached from elsewhere and there is no token. */
export function assertMayListen(host: string, tokens: readonly ApiToken[] | null): void {
  if (isLoopback(host) || (tokens !== null && tokens.length > 0)) return;
  throw new CodedError(
    'TOKENS_REQUIRED',
    `The API does not listen on ${host} without API tokens, because others could reach it there. ` +
      'Make one with "ampledger token new --role R --name N", keep its line in a file and name the file with --tokens, ' +
      'or listen on 127.0.0.1.',
  );
}
