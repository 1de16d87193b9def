// Tells why a connector had the limit that it had.

import { CliError, EXIT } from '../exit.js';
import { findChain } from '../explain/chain.js';
import { storyOf } from '../explain/story.js';
import { iso, print, printJson } from '../output.js';
import { type SourceOptions, withSource } from '../source/source.js';

export interface ExplainOptions extends SourceOptions {
  readonly at?: number;
  readonly json?: true;
}

/** `connector` without an EVSE is the station's first. */
export const explain = (connector: string, options: ExplainOptions): Promise<void> =>
  withSource(options, async (source) => {
    const key = connector.includes('/') ? connector : `${connector}/1`;
    const chain = await findChain(source, key, options.at ?? null);
    if (chain === undefined) {
      const when = options.at === undefined ? '' : ` at ${iso(options.at)}`;
      throw new CliError(EXIT.badInput, `No site has a connector "${key}"${when}.`);
    }
    if (options.json) await printJson(chain);
    else await print(storyOf(chain));
  });
