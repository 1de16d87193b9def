// Tells why a connector had the limit that it had.

import { CliError, EXIT } from '../exit.js';
import { findChain } from '../explain/chain.js';
import { storyOf } from '../explain/story.js';
import { iso, print, printJson } from '../output.js';
import { namesText, type Source, type SourceOptions, withSource } from '../source/source.js';

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
      const there = await connectorsLike(source, key, options.at ?? null);
      throw new CliError(EXIT.badInput, `No site has a connector "${key}"${when}. ${namesText(there)}`);
    }
    if (options.json) await printJson(chain);
    else await print(storyOf(chain));
  });

/** Those of the same station, or all. */
async function connectorsLike(source: Source, key: string, at: number | null): Promise<readonly string[]> {
  const ids = await source.siteIds();
  const sites = await Promise.all(ids.map((id) => source.site(id, at)));
  const keys = sites.flatMap((site) => site?.connectors.map((one) => one.key) ?? []);
  const [station = ''] = key.split('/');
  const near = keys.filter((one) => one.startsWith(`${station}/`));
  return near.length > 0 ? near : keys;
}
