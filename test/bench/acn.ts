// The entry that `npm run bench -- acn` looks for.

export { run } from './acn/run.js';
