// Reads site files as the engine would, and prints what it makes of them.

import { siteText } from '../check/site-text.js';
import { print, printJson } from '../output.js';
import { sitesOrExit } from '../site-files.js';

export async function check(files: readonly string[], json: boolean): Promise<void> {
  const sites = sitesOrExit(files);
  if (json) await printJson(sites.length === 1 ? sites[0] : sites);
  else await print(sites.map(siteText).join('\n'));
}
