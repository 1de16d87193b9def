// Large answers are written out as they are: holding a site of a thousand stations against its schema
// again would take longer than making it. The types hold them to the schema, and so do the tests.

import type { FastifyReply } from 'fastify';

export const sendJson = <T extends object>(reply: unknown, body: T): FastifyReply =>
  (reply as FastifyReply).type('application/json; charset=utf-8').send(JSON.stringify(body));
