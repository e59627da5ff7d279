import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, isPortFree } from './free-port.ts';
import { claimPort, listeningInodes, portTaken, whoHoldsPort } from './port-holder.ts';

test('names this process as the holder of a port it listens on', async () => {
  const port = await freePort();
  expect(await isPortFree(port)).toBe(true);
  expect(await whoHoldsPort(port)).toBeUndefined();
  await claimPort({ port, server: 'Anything' });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  try {
    const holder = await whoHoldsPort(port);
    expect(holder?.pid).toBe(process.pid);
    expect(holder?.command).not.toBe('');
    expect(await isPortFree(port)).toBe(false);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('reads only listening sockets of the port out of the table', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1',
    '   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 222 1',
    '   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1',
  ].join('\n');
  expect(listeningInodes(table, 8080)).toEqual(['111']);
});

test('says another process when the holder cannot be told, and never gives a port twice', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  expect(new Set(ports).size).toBe(50);
  const error = await portTaken({ port: ports[0] ?? 0, server: 'NATS' });
  expect(error.why).toContain('another process holds the port');
  expect(error.fix).toBe('Stop that process, or choose another port.');
});
