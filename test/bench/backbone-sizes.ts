// How much is in files.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of the files below a folder whose names match, in folders that begin with `prefix`. */
export function sizeOf(folder: string, files: RegExp, prefix = ''): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += entry.name.startsWith(prefix) ? sizeOf(path, files) : 0;
    else if (prefix === '' && files.test(entry.name)) bytes += statSync(path).size;
  }
  return bytes;
}
