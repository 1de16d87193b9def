// Who may call: everybody, or those with the one name and password.

import { Metadata, type StatusObject, status } from '@grpc/grpc-js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Admission {
  /** Why a call with this metadata is refused. */
  refusal(metadata: Metadata): Partial<StatusObject> | undefined;
}

export function createAdmission(credentials: Credentials | undefined): Admission {
  const wanted =
    credentials &&
    `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  return {
    refusal(metadata) {
      if (wanted === undefined || metadata.get('authorization')[0] === wanted) return undefined;
      const trailer = new Metadata();
      trailer.set('exception', 'access-denied');
      return { code: status.UNAUTHENTICATED, details: 'Wrong or missing credentials', metadata: trailer };
    },
  };
}

/** How the single append answers one that is too large. */
export function tooLarge(bytesMax: number): Partial<StatusObject> {
  const metadata = new Metadata();
  metadata.set('exception', 'maximum-append-size-exceeded');
  metadata.set('maximum-append-size', String(bytesMax));
  return { code: status.INVALID_ARGUMENT, details: 'Maximum append size exceeded', metadata };
}
