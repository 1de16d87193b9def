import { addSettingsOptions, apiSettings, loadSettings } from '@ampledger/process';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

const ENV = {
  AMPLEDGER_KAFKA_BROKERS: 'k:9092',
  AMPLEDGER_EVENT_STORE_URL: 'esdb://s:2113',
  AMPLEDGER_PORT: '1',
};

function read(...argv: readonly string[]) {
  const command = new Command('api');
  addSettingsOptions(command, apiSettings);
  command.parse([...argv], { from: 'user' });
  return { command, settings: loadSettings(apiSettings, { flags: command.opts(), env: ENV }) };
}
const valuesOf = ({ settings }: ReturnType<typeof read>) =>
  settings.ok ? settings.value.values : settings.error;

describe('the settings of a process as options of its command', () => {
  it('go before the environment, and leave it alone where they say nothing', () => {
    expect(valuesOf(read('--port', '2'))).toMatchObject({ port: 2, kafkaBrokers: ['k:9092'] });
    expect(valuesOf(read())).toMatchObject({ port: 1, kafkaSsl: false });
  });

  it('may be switches, and lists that are repeated', () => {
    expect(valuesOf(read('--kafka-ssl', '--sites', 'a.yaml', '--sites', 'b.yaml,c.yaml'))).toMatchObject({
      kafkaSsl: true,
      sites: ['a.yaml', 'b.yaml', 'c.yaml'],
    });
    expect(valuesOf(read('--kafka-ssl', 'false'))).toMatchObject({ kafkaSsl: false });
  });

  it('say in the help what holds without them', () => {
    const help = read().command.helpInformation().replace(/\s+/g, ' ');
    expect(help).toContain(
      '--port <port> the port for them; 0 is any free one (env: AMPLEDGER_PORT; default: 8220)',
    );
    expect(help).toContain('--kafka-ssl [true|false]');
  });
});
