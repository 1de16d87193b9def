// The page's shell: where it is served from, the machine's clock, the tab's memory.

import { render } from 'preact';
import { createApi } from './feed/api.js';
import { pageClock } from './page-clock.js';
import './style/tokens.css';
import './style/page.css';
import './style/plan.css';
import './style/tree.css';
import './style/side.css';
import { Page } from './ui/page.js';

const TOKEN_KEY = 'ampledger-token';

const api = createApi({
  baseUrl: new URL('./', document.baseURI).href,
  fetch: (input, init) => window.fetch(input, init),
  token: () => sessionStorage.getItem(TOKEN_KEY),
});

const root = document.getElementById('page');
if (root) {
  const keepToken = (token: string): void => sessionStorage.setItem(TOKEN_KEY, token);
  render(<Page api={api} clock={pageClock} keepToken={keepToken} />, root);
}
