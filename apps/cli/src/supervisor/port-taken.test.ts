import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { findPorts, portTaken } from './port-taken.ts';

test('names who holds a port and what to change', async () => {
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const error = await portTaken({ port, server: 'The dashboard', key: "'x' to another port" });
  expect(error.code).toBe('EMBEDDED.PORT_TAKEN');
  expect(error.message).toContain(`process ${process.pid}`);
  expect(error.message).toContain("set 'x' to another port");
  server.close();
});

test('finds as many ports as asked, below the outgoing ones, the same again while they are free', async () => {
  const ports = await findPorts('/some/where', 5);
  expect(new Set(ports).size).toBe(5);
  expect(ports.every((port) => port >= 20_000 && port < 30_000)).toBe(true);
  expect(await findPorts('/some/where', 5)).toEqual(ports);
});
