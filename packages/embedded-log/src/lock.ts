// One writer per directory. The lock itself is an exclusive SQLite lock on `lock.sqlite`, which the
// operating system drops with the process, so a crash leaves nothing stale behind and a reused
// process id cannot be mistaken for the owner. `owner.json` only says who to look for.

import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { PortError } from '@ampledger/ports';
import Database from 'libsql';

export interface DirectoryLock {
  release(): void;
}

export function lockDirectory(directory: string): DirectoryLock {
  const ownerPath = join(directory, 'owner.json');
  const lock = new Database(join(directory, 'lock.sqlite'));
  try {
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new PortError(
      'UNAVAILABLE',
      `${directory} is in use by ${describeOwner(ownerPath)}. One process at a time may open a log: stop that one, or choose another directory.`,
      cause,
    );
  }
  writeFileSync(ownerPath, JSON.stringify({ pid: process.pid, host: hostname() }));
  return {
    release() {
      lock.exec('ROLLBACK');
      lock.close();
    },
  };
}

function describeOwner(path: string): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof owner === 'object' && owner !== null && 'pid' in owner && 'host' in owner) {
      return `process ${String(owner.pid)} on ${String(owner.host)}`;
    }
  } catch {
    // The owner may be about to write the file.
  }
  return 'another process';
}
