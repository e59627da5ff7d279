import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startTestServers, type TestServers } from '@capstan/embedded';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ServiceProcess, STACK_START_MS } from './service-process.ts';

let servers: TestServers<{ nats: true }>;
let service: ServiceProcess;

const configure = (journal: unknown) =>
  writeFile(
    join(servers.folder, 'capstan.yaml'),
    stringify({ nats: { url: servers.nats.url }, paperExchange: { journal } }),
  );

beforeEach(async () => {
  servers = await startTestServers({ nats: true });
  const { folder } = servers;
  await configure(join(folder, 'journal.jsonl'));
  service = new ServiceProcess('paper-exchange', join(folder, 'capstan.yaml'), folder);
}, STACK_START_MS);
afterEach(async () => {
  await service?.stop();
  await servers?.stop();
});

it(
  'is started again on another port where somebody took its own before it could',
  async () => {
    await service.start();
    const taken = service.httpPort;
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(taken, '127.0.0.1', resolve));
    try {
      await service.ready();
      expect(service.httpPort).not.toBe(taken);
      expect(await readFile(service.logFile, 'utf8')).toContain('RUNTIME.PORT_TAKEN');
    } finally {
      other.close();
    }
  },
  STACK_START_MS,
);

it(
  'says with which code it ended, instead of waiting for one that is gone',
  async () => {
    await configure(7);
    await service.start();
    await expect(service.ready()).rejects.toThrow('ended with 2 before it was ready');
  },
  STACK_START_MS,
);
