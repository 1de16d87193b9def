// What runs here, in a form that a rebuild can be compared with.

import type { Projection } from '@ampledger/projection';
import { digestOf, type SiteDigest } from '@ampledger/recording';

export const digestsOf = (projections: Iterable<Projection>): readonly SiteDigest[] =>
  [...projections].flatMap((projection) =>
    projection.siteIds().flatMap((site) => {
      const state = projection.state(site);
      return state === undefined ? [] : [digestOf(state)];
    }),
  );
