import { createServer } from 'node:net';
import { jserrors } from '@nats-io/jetstream/internal';
import { expect, test } from 'vitest';
import { silentLog } from './bus.test-support.ts';
import { asBusError } from './bus-error.ts';
import { connectBus } from './connect-bus.ts';

test('says how a server without JetStream gets it; it may only be starting', () => {
  const error = asBusError(
    'making the stream MARKET',
    new jserrors.JetStreamNotEnabled('not enabled'),
  );
  expect(error).toMatchObject({ code: 'BUS.UNAVAILABLE', retry: 'retryable' });
  expect(error.message).toBe(
    'making the stream MARKET: the NATS server has no JetStream, or has not started it yet. Start the server with JetStream (`nats-server -js`), or enable it for the account.',
  );
});

test('tells at each attempt why there is no first connection, until the time is over', async () => {
  const url = `nats://127.0.0.1:${await closedPort()}`;
  const told: string[] = [];
  const onWait = ({ message }: Error): void => void told.push(message);
  const options = { servers: url, name: 'test', firstConnectMs: 50, onWait, log: silentLog };
  await expect(connectBus(options)).rejects.toMatchObject({ code: 'BUS.UNAVAILABLE' });
  expect(told[0]).toContain(`connecting to NATS at ${url}: connection refused`);
});

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
