import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, connectionName, natsAuthorization } from '@capstan/bus';
import { startTestServers } from '@capstan/embedded';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../program.ts';

const furtherConfig = natsAuthorization((user) => JSON.stringify(`of-${user}`));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-bus-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('prepares NATS as the user setup, so that a service finds what it may not make', async () => {
  const servers = await startTestServers({ nats: true, natsOptions: { furtherConfig } });
  const config = join(folder, 'capstan.yaml');
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const output = { out: say, err: say, isTerminal: false };
  try {
    const nats = { url: servers.nats.url, user: 'setup', password: 'of-setup' };
    await writeFile(config, JSON.stringify({ nats, run: { id: 'prepared' } }));
    for (const time of [1, 2]) {
      expect([time, await runCli(['bus', 'prepare', '--config', config], output)]).toEqual([
        time,
        0,
      ]);
    }
    expect(said[0]).toMatch(/^NATS has the \d+ streams/);
    const log = { ...console, child: () => log };
    const worker = await connectBus({
      servers: servers.nats.url,
      name: connectionName('backtest-worker'),
      credentials: { user: 'backtest-worker', password: 'of-backtest-worker' },
      makeStreams: false,
      log,
    });
    expect(await worker.workQueue.depth('backtest.work.run')).toEqual({ waiting: 0, inHand: 0 });
    await worker.close();
  } finally {
    await servers.stop();
  }
}, 60_000);
