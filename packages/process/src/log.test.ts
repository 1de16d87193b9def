import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from './log.js';

function lines(options: Partial<LogOptions> = {}) {
  const written: string[] = [];
  const log = createLog({ write: (text) => void written.push(text), pretty: false, ...options });
  return { log, written };
}

describe('the log', () => {
  it('says in JSON which process of which instance wrote a line', () => {
    const { log, written } = lines({ base: { process: 'ingress', instance: 'a-1' } });
    log.warn({ site: 'garage' }, 'late');
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      level: 40,
      process: 'ingress',
      instance: 'a-1',
      site: 'garage',
      msg: 'late',
    });
  });

  it('is short for people', () => {
    const { log, written } = lines({ pretty: true, base: { process: 'ingress' } });
    log.error({ err: new Error('no disk'), site: 'garage' }, 'cannot write');
    expect(written[0]).toMatch(/^\d\d:\d\d:\d\d error: cannot write: no disk site=garage\n$/);
  });

  it('leaves out what is below its level', () => {
    const { log, written } = lines({ level: 'error' });
    log.warn({}, 'no');
    log.error({}, 'yes');
    expect(written).toHaveLength(1);
  });
});
