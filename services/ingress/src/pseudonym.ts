// Id tokens never leave ingress: events carry a keyed pseudonym instead.

import { createHmac } from 'node:crypto';

/** 24 characters that say which tokens are equal to whoever has the events, and no more. */
export const createPseudonym =
  (key: Buffer) =>
  (idToken: string): string =>
    // Id tokens are compared without regard to case (OCPP 1.6 CiString20Type, 2.0.1 identifierString).
    createHmac('sha256', key).update(idToken.toLowerCase()).digest('base64url').slice(0, 24);
