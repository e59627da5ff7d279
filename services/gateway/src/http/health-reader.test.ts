import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { healthOf, readHealth } from './health-reader.ts';

test('reads what a probe says', () => {
  expect(healthOf('risk', { ok: true, phase: 'started', checks: { nats: { ok: true } } })).toEqual({
    name: 'risk',
    state: 'ready',
    checks: [{ name: 'nats', ok: true }],
  });
  const checks = { nats: { ok: false, reason: 'closed' }, disk: { ok: true } };
  expect(healthOf('risk', { ok: false, phase: 'started', checks })).toMatchObject({
    state: 'notReady',
    message: 'nats: closed',
  });
  expect(healthOf('risk', { ok: false, phase: 'draining', checks: {} }).message).toBe(
    'it is draining',
  );
  expect(healthOf('risk', 'nonsense').state).toBe('notReady');
});

test('a service that answers is asked, one that does not is down', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/health/ready' ? 503 : 404);
    response.end(JSON.stringify({ ok: false, phase: 'starting', checks: {} }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await readHealth('risk', url)).toMatchObject({
    state: 'notReady',
    message: 'it is starting',
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await readHealth('risk', url)).toMatchObject({
    state: 'down',
    message: 'does not answer',
  });
});
