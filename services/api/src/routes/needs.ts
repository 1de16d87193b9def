// What a driver, or somebody for the driver, says of a stay: how much energy, and until when.

import type { EventData, SessionState } from '@ampledger/domain';
import { stationId } from '@ampledger/kernel';
import { z } from 'zod';
import { siteParam } from '../schema/common.js';
import {
  connectorParam,
  type NeedsBody,
  needsAnswerSchema,
  needsBodySchema,
  STAY_MS_MAX,
} from '../schema/needs.js';
import { problems } from '../schema/problem.js';
import { findConnector, findSite } from '../web/find.js';
import { type Problem, problem, refuse } from '../web/problem.js';
import { isoOrNull } from '../wire/site-wire.js';
import type { ApiApp, RouteContext } from './context.js';

export function needsRoutes(app: ApiApp, { deps, publisher, newId }: RouteContext): void {
  app.put(
    '/api/v1/sites/:siteId/connectors/:connector/needs',
    {
      config: { access: 'operate' },
      schema: {
        tags: ['needs'],
        summary: 'Say what a car wants',
        description:
          'Energy from now on, and the departure, of the session that runs at a connector. It shares what there is by it; it never lifts a limit. The same again changes nothing as long as nothing was charged in between.',
        params: z.object({ siteId: siteParam, connector: connectorParam }),
        body: needsBodySchema,
        response: { 200: needsAnswerSchema, ...problems(404, 409, 415, 503) },
      },
    },
    async ({ params, body }, reply) => {
      const site = findSite(deps, params.siteId);
      if (!site.ok) return refuse(reply, site.error);
      const place = findConnector(site.value, params.connector);
      if (!place.ok) return refuse(reply, place.error);
      const at = deps.clock.now();
      const late = departureFault(body, at);
      if (late !== null) return refuse(reply, late);
      const { key, station, config } = place.value;
      const session = site.value.connectors.get(key)?.session ?? null;
      if (session === null) return refuse(reply, problem('no-session', `No session runs at "${key}".`));
      const said = { connector: key, session: session.id, ...merged(session, body) };
      if (isKnown(session, body)) return { ...said, position: site.value.position, changed: false };
      const data = needsEvent(
        { station: stationId(station), evseId: config.evseId, session: session.id },
        body,
      );
      const event = { type: 'ChargingNeedsNotified', data } as const;
      const position = await publisher.publishAndSettle({ site: site.value.site, event, id: newId(), at });
      return { ...said, position, changed: true };
    },
  );
}

const needsEvent = (
  place: Pick<EventData<'ChargingNeedsNotified'>, 'station' | 'evseId' | 'session'>,
  { energyWh, departAt, source }: NeedsBody,
): EventData<'ChargingNeedsNotified'> => ({
  ...place,
  source,
  energyWh: energyWh ?? null,
  departAt: departAt ?? null,
  minA: null,
  maxA: null,
});

function departureFault({ departAt }: NeedsBody, now: number): Problem | null {
  if (departAt === undefined || (departAt > now && departAt <= now + STAY_MS_MAX)) return null;
  const message = 'expected an instant within the next 30 days';
  return problem('invalid-request', `departAt: ${message}.`, {
    errors: [{ in: 'body', path: '/departAt', message }],
  });
}

/** A client that repeats itself, for want of an answer, does not begin the energy anew. */
function isKnown({ needs, meterLastWh }: SessionState, { energyWh, departAt, source }: NeedsBody): boolean {
  if (needs === null || needs.source !== source) return false;
  const sameEnergy =
    energyWh === undefined || (needs.energyWh === energyWh && needs.energyFromWh === meterLastWh);
  return sameEnergy && (departAt === undefined || needs.departAt === departAt);
}

const merged = ({ needs }: SessionState, { energyWh, departAt, source }: NeedsBody) => ({
  energyWh: energyWh ?? needs?.energyWh ?? null,
  departAt: isoOrNull(departAt ?? needs?.departAt ?? null),
  source,
});
