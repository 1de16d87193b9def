export * from './certify-site.js';
export { certifyMaximal } from './maximal.js';
