// The site's operator, over the HTTP API.

export interface Operator {
  /** Caps the whole site, amperes per phase; resolves with the HTTP status. */
  cap(limitA: number): Promise<number>;
  uncap(): Promise<number>;
}

export function createOperator(api: string, site: string, token: string | undefined): Operator {
  const url = `${api.replace(/\/$/, '')}/api/v1/sites/${encodeURIComponent(site)}/envelopes/operator`;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    async cap(limitA) {
      const headers = { 'content-type': 'application/json', ...authorization };
      return (await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ limitA }) })).status;
    },
    uncap: async () => (await fetch(url, { method: 'DELETE', headers: authorization })).status,
  };
}
