// Where the built page lies, for the server that hands it out.

import { fileURLToPath } from 'node:url';

/** Absolute path of the folder with index.html; it is there after `npm run build`. */
export const assetsDirectory = fileURLToPath(new URL('./dist', import.meta.url));
