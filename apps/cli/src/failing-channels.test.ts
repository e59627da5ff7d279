import { AppError } from '@capstan/domain';
import { expect, test } from 'vitest';
import { askFailingChannels } from './failing-channels.ts';
import { type Answer, GatewayClient } from './gateway-client.ts';

class FakeGateway extends GatewayClient {
  readonly #alerts: Answer;

  constructor(alerts: Answer) {
    super({ url: 'http://127.0.0.1:1', token: '' });
    this.#alerts = alerts;
  }

  override get(path: string): Promise<Answer> {
    return path === '/api/alerts'
      ? Promise.resolve(this.#alerts)
      : Promise.reject(new Error(`nobody asks for ${path}`));
  }
}

test('channels that fail are named with why and what waits, and those that are well are not', async () => {
  const well = { channel: 'phone', problem: '', failures: 0, pending: 0 };
  const channels = [
    { channel: 'ops', problem: 'it answers HTTP 500', failures: 3, pending: 2 },
    well,
    { channel: 'mail', problem: 'the mail server refuses the login', failures: 1, pending: 0 },
  ];
  expect(await askFailingChannels(() => new FakeGateway({ alerts: [], channels }))).toEqual([
    'alert channel ops fails, 3 in a row: it answers HTTP 500; 2 wait',
    'alert channel mail fails, 1 in a row: the mail server refuses the login',
  ]);
  expect(await askFailingChannels(() => new FakeGateway({ channels: [well] }))).toEqual([]);
});

test('nothing is told of channels where the gateway cannot be asked', async () => {
  const gone = (): GatewayClient => {
    throw new AppError({ code: 'CLI.NOT_RUNNING', why: 'it is gone.', fix: 'Start it.' });
  };
  expect(await askFailingChannels(gone)).toEqual([]);
});
