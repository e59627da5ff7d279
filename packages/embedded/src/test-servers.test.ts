import { spawn } from 'node:child_process';
import { access, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive } from './process-alive.ts';
import { startTestServers, withServers } from './test-servers.ts';
import { waitUntil } from './wait-until.ts';

test('starts both servers, and leaves neither a process nor a file', async () => {
  const seen = await withServers({ nats: true, postgres: true }, async (servers) => {
    await servers.postgres.createDatabase('bars');
    expect([servers.nats.pid, servers.postgres.pid].every(isAlive)).toBe(true);
    return { folder: servers.folder, pids: [servers.nats.pid, servers.postgres.pid] };
  });
  expect(seen.pids.some(isAlive)).toBe(false);
  await expect(access(seen.folder)).rejects.toThrow('ENOENT');
});

test('starts only what is asked for', async () => {
  const servers = await startTestServers({ nats: true });
  expect(servers.postgres).toBeUndefined();
  expect(servers.nats.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
  await servers.stop();
});

test('stops the servers of an owner that was killed', async () => {
  const index = fileURLToPath(new URL('./index.ts', import.meta.url));
  const program = `
    import { startTestServers } from ${JSON.stringify(index)};
    const s = await startTestServers({ nats: true, postgres: true });
    console.log(JSON.stringify({ pids: [s.nats.pid, s.postgres.pid], folder: s.folder }));
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let line = '';
  for await (const read of createInterface({ input: owner.stdout })) {
    line = read;
    break;
  }
  const { pids, folder } = JSON.parse(line) as { pids: number[]; folder: string };
  expect(pids.every(isAlive)).toBe(true);
  owner.kill('SIGKILL');
  expect(await waitUntil(() => !pids.some(isAlive), 15_000)).toBe(true);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});
