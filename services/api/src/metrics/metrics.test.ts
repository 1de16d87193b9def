import { describe, expect, it } from 'vitest';
import { createMetrics, HTTP_SECONDS } from './metrics.js';

describe('measures', () => {
  it('of the API stand beside those of others', async () => {
    const metrics = createMetrics({
      process: false,
      definitions: [{ name: 'open', kind: 'gauge', help: 'Open', labels: [] }],
    });
    metrics.observe(HTTP_SECONDS, 0.02, { method: 'GET', route: '/livez', status: '200' });
    metrics.gauge('open', 3);
    const text = await metrics.text();
    expect(text).toContain('ampledger_api_request_seconds_count{method="GET",route="/livez",status="200"} 1');
    expect(text).toContain('open 3');
  });
});
