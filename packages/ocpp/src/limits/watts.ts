// Amperes of the grid as watts at the car: what stations that are limited by power are told.

import { type PlacedConnector, type SiteConfig, togetherPerAmpere, wattsPerAmpere } from '@ampledger/domain';

/**
 * Watts at the car for one ampere of a limit on the first `phases` of the connector's phases; for DC on
 * all of them, whatever is passed, and less the losses of the rectifier.
 */
export function wattsAtCar(
  site: Pick<SiteConfig, 'voltageV' | 'wiring'>,
  { config }: Pick<PlacedConnector, 'config'>,
  phases: 1 | 2 | 3,
): number {
  if (config.current === 'dc') return wattsPerAmpere(site, config.phases) * config.efficiency;
  // Two legs of a delta: no more than the lines' own limit lets three carry.
  return Math.min(
    wattsPerAmpere(site, config.phases.slice(0, phases)),
    site.voltageV * togetherPerAmpere(site.wiring, config),
  );
}
