import { defineConfig } from 'vite';

// Everything the page needs is in dist, as files of its own: no inlined scripts, styles or images,
// so that `default-src 'self'` is all the policy it asks for. Paths are relative: the page also
// works behind a proxy that serves it under a prefix.
export default defineConfig({
  base: './',
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': 'http://127.0.0.1:8220' } },
});
