// A compose file as far as it is looked at here, with its variables put in.

import { parse } from 'yaml';
import { readText } from './repository.js';

export interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly restart?: string;
  readonly mem_limit?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly build?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** `${NAME:-default}` as compose puts it in, for as much of its grammar as is used here. */
export const interpolate = (text: string, env: Readonly<Record<string, string>> = {}): string =>
  text.replace(/\$\{([A-Z_]+)(?::-([^}]*))?\}/g, (_, name: string, fallback = '') => env[name] || fallback);

export const readCompose = (path: string, env: Readonly<Record<string, string>> = {}): ComposeFile =>
  parse(interpolate(readText(path), env), { merge: true }) as ComposeFile;

export const COMPOSE_FILES = ['docker-compose.yml', 'deploy/compose/embedded.yml'];
