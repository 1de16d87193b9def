// The OpenAPI 3.1 document, made from the routes' own schemas, and a page to read it.

import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { globalRegistry, type z } from 'zod';
import type { ApiApp } from '../routes/context.js';
import { DOCS_CONTENT_POLICY } from './security-headers.js';

/** Of the API; a change that breaks a client raises it and the path's version. */
const API_VERSION = '1.0.0';

const TAGS = [
  { name: 'sites', description: 'Sites: state now and in the past, configuration' },
  { name: 'envelopes', description: 'Caps on a site or a node' },
  { name: 'loads', description: 'Measured load that the engine does not control' },
  { name: 'needs', description: 'What drivers want: energy and departure' },
  { name: 'signals', description: 'Prices, emissions and photovoltaics to come' },
  { name: 'stations', description: 'Stations, and calls to them' },
  { name: 'events', description: 'The event log' },
  { name: 'live', description: 'What happens, as it happens' },
  { name: 'health', description: 'Health and measures of the process' },
];

type Override = NonNullable<
  NonNullable<Parameters<typeof createJsonSchemaTransform>[0]['zodToJsonConfig']>['override']
>;
/** Takes out what says nothing to a reader, and puts examples back that zod leaves out of inputs that it converts. */
const override: Override = ({ zodSchema, jsonSchema }) => {
  // `readonly` is a promise among ourselves, not a statement on the wire.
  delete jsonSchema.readOnly;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  const examples = globalRegistry.get(zodSchema as unknown as z.ZodType)?.examples;
  if (Array.isArray(examples)) jsonSchema.examples = examples;
};

export async function registerOpenApi(app: ApiApp): Promise<void> {
  const zodToJsonConfig = { override };
  const refs = createJsonSchemaTransformObject({ zodToJsonConfig });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Ampledger API',
        version: API_VERSION,
        description:
          'Smart charging under grid limits: the state of sites, caps, measured loads, stations and the event log. Instants are ISO 8601, currents are amperes on L1, L2, L3, power is watts. Refusals are problem details (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      servers: [{ url: '/' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'Needed when the engine runs with API tokens',
          },
        },
      },
      security: [{ token: [] }, {}],
    },
    hideUntagged: true,
    transform: createJsonSchemaTransform({ zodToJsonConfig }),
    transformObject: (document) => withSiteFiles(withUsedSchemas(refs(document) as ApiDocument)) as never,
  });
  app.get(
    '/openapi.json',
    { config: { access: 'public' }, schema: { hide: true } },
    async (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
  );
  await registerDocsPage(app);
}

async function registerDocsPage(app: ApiApp): Promise<void> {
  await app.register(async (inner) => {
    inner.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' };
    });
    inner.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', DOCS_CONTENT_POLICY);
    });
    await inner.register(fastifySwaggerUi, {
      routePrefix: '/docs',
      theme: { title: 'Ampledger API' },
      // Without the top bar, which is another product's.
      uiConfig: { docExpansion: 'list', layout: 'BaseLayout' },
    });
  });
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, object>> };
}

/** Keeps the schemas that the paths lead to; every named schema of the process is in the registry. */
function withUsedSchemas(document: ApiDocument): ApiDocument {
  const all = document.components?.schemas ?? {};
  const used = new Set<string>();
  const follow = (part: object | undefined): void => {
    for (const [, name = ''] of JSON.stringify(part ?? {}).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(all[name]);
    }
  };
  follow(document.paths);
  const schemas = Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
  return { ...document, components: { ...document.components, schemas } };
}

/** The route takes the text of a site file, whatever its form; a reader is told of both forms. */
function withSiteFiles(document: ApiDocument): ApiDocument {
  const put = document.paths['/api/v1/sites/{siteId}']?.put;
  const description = 'A site file; docs/site-file.md describes its members';
  const content = {
    'application/yaml': { schema: { type: 'string', description }, example: SITE_FILE_EXAMPLE },
    'application/json': { schema: { type: 'object', description } },
  };
  const paths = { ...document.paths };
  paths['/api/v1/sites/{siteId}'] = {
    ...paths['/api/v1/sites/{siteId}'],
    put: { ...put, requestBody: { required: true, description, content } },
  };
  return { ...document, paths };
}

const SITE_FILE_EXAMPLE = `id: garage
timeZone: Europe/Berlin
grid:
  id: main
  limit: 80 A
  stations:
    - id: CP001
`;
