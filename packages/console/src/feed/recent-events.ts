// The latest events of a site: its story, and the last of its every step.

import { STORY_TYPES } from '../words/events.js';
import type { Api } from './api.js';
import type { EventEntry } from './wire.js';

const LINES = 50;
/** Among these are the refusals and faults, which are of types that are mostly mere steps. */
const STEPS = 200;

export async function recentEvents(api: Api, site: string, until?: number): Promise<readonly EventEntry[]> {
  const [story, steps] = await Promise.all([
    api.events(site, { limit: LINES, types: STORY_TYPES, until }),
    api.events(site, { limit: STEPS, until }),
  ]);
  return [...story, ...steps];
}
