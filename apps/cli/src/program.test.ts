import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from './program.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  ...args: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const code = await runCli(args, {
    out: (text) => {
      said.out += `${text}\n`;
    },
    err: (text) => {
      said.err += `${text}\n`;
    },
    isTerminal: false,
  });
  return { code, ...said };
}

test('help lists the commands with examples', async () => {
  const { code, out } = await run('--help');
  expect(code).toBe(0);
  for (const word of ['up', 'down', 'status', 'why', 'kill', 'Examples:', 'Exit codes:']) {
    expect(out).toContain(word);
  }
  expect((await run('up', '--help')).out).toContain('capstan up --bars aapl.csv --symbol AAPL');
});

test.each([
  [['stauts'], /Did you mean status/],
  [['up', '--sped', '3'], /Did you mean --speed/],
  [['up', '--speed', 'fast'], /'max'/],
  [['up', '--env', 'live'], /No configuration for live trading comes along/],
  [['up', '--bars', '/no/such.csv'], /no such file/],
  [['logs', '-n', '0'], /whole number/],
  [['strategies', 'ma-cros'], /Did you mean 'ma-cross'/],
] as const)('%j is a wrong call: exit code 2 and what to do', async (args, what) => {
  const { code, err } = await run(...args);
  expect(code).toBe(2);
  expect(err).toMatch(what);
  expect(err).not.toContain('    at ');
});

test.each(['status', 'down', 'orders', 'bots', 'logs'])(
  '%s fails with 1 where nothing runs',
  async (command) => {
    const { code, err } = await run(command, '--data-dir', folder);
    expect(code).toBe(1);
    expect(err).toMatch(/No stack runs on .*capstan up.*\[CLI\.NOT_RUNNING\]/);
  },
);

test('-v shows the stack of an error', async () => {
  expect((await run('-v', 'up', '--env', 'live')).err).toContain('    at ');
});

test('lists the strategies, also as JSON', async () => {
  expect((await run('strategies')).out).toContain('multi-timeframe-cross');
  const listed = JSON.parse((await run('strategies', 'ma-cross', '--json')).out) as {
    name: string;
  }[];
  expect(listed.map(({ name }) => name)).toEqual(['ma-cross']);
});

test('explains and checks configurations', async () => {
  expect((await run('config', 'explain')).out).toContain('supervisor.dashboardPort');
  expect((await run('config', 'check', '--env', 'paper')).out).toContain('is well');
});
