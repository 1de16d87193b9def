// The files under test, as they stand in the repository.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFINITIONS, envOf } from '@ampledger/process';
import { parse } from 'yaml';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const inRoot = (...parts: readonly string[]): string => join(ROOT, ...parts);
export const isThere = (path: string): boolean => existsSync(inRoot(path));
export const readText = (path: string): string => readFileSync(inRoot(path), 'utf8');
export const readJson = (path: string): unknown => JSON.parse(readText(path));
export const readYaml = (path: string): unknown => parse(readText(path), { merge: true });

/** Paths from the root of all files below a folder whose name fits. */
export const filesBelow = (folder: string, name: RegExp): readonly string[] =>
  readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => name.test(path));

/** Every variable that some process reads. */
export const KNOWN_VARIABLES: ReadonlySet<string> = new Set(
  DEFINITIONS.flatMap(({ settings }) =>
    Object.entries(settings).flatMap(([key, { isSecret, alsoEnv }]) => [
      envOf(key),
      ...(isSecret ? [`${envOf(key)}_FILE`] : []),
      ...alsoEnv,
    ]),
  ),
);

export const variablesIn = (text: string): readonly string[] => [
  ...new Set(text.match(/\b(?:AMPLEDGER|OTEL)_[A-Z0-9_]*[A-Z0-9]\b/g) ?? []),
];
