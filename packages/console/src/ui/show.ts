// To a place of the page: chosen, and brought into sight without haste where haste makes dizzy.

import type { ConnectorKey } from '@ampledger/kernel';
import type { Actions } from './use-page.js';

export const connectorPlace = (key: ConnectorKey): string => `connector-${key}`;

export function showPlace(id: string): void {
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.getElementById(id)?.scrollIntoView({ block: 'center', behavior: calm ? 'auto' : 'smooth' });
}

export function showConnector(key: ConnectorKey, actions: Actions): void {
  actions.select({ connector: key });
  // Its details make it taller, and are there in the next picture.
  requestAnimationFrame(() => showPlace(connectorPlace(key)));
}
