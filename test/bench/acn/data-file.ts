// Where the data stand: beside the sources, also when the benchmark runs as it was compiled.

import { existsSync } from 'node:fs';

const BESIDE = new URL('./data/', import.meta.url);
/** From test/dist/bench/acn. */
const FROM_COMPILED = new URL('../../../bench/acn/data/', import.meta.url);

const FOLDER = existsSync(BESIDE) ? BESIDE : FROM_COMPILED;

/** @param name of a file in data/; nothing for the folder. */
export const dataFile = (name = ''): URL => new URL(name, FOLDER);
