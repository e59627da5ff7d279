import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPlatform } from '@capstan/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { planOf } from '../commands/up.ts';
import { withEmulatedAlpaca } from './emulated-venue.ts';
import { loadStack } from './stack-config.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulated-venue-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function config(): string {
  const path = join(folder, 'capstan.yaml');
  writeFileSync(
    path,
    `
run: { id: mine }
feeds:
  - { feed: demo, kind: generator, seed: 11, symbols: [{ symbol: QQQ }] }
accounts:
  - { accountId: one, cash: 5000 }
  - { accountId: two, limits: { maxDecisionAgeSeconds: 20 } }

bots:
  - { botId: a, accountId: one, feed: demo, strategy: ma-cross, symbols: [SPY] }
`,
  );
  return path;
}

it('puts every feed and account at the emulator, each account with keys of its own', () => {
  const plan = withEmulatedAlpaca(loadStack({ config: config() }, {}), {});
  expect(() => checkPlatform(plan.config)).not.toThrow();
  expect(plan.config.run.id).toBe('mine-emulated');
  expect(plan.dataDir).toMatch(/mine-emulated$/);
  expect(plan.config.feeds).toMatchObject([
    { feed: 'demo', kind: 'venue', provider: 'alpaca', symbols: ['QQQ', 'SPY'] },
  ]);
  expect(plan.config.accounts).toMatchObject([
    { venue: 'alpaca', mode: 'paper', credentials: 'ALPACA' },
    { venue: 'alpaca', mode: 'paper', credentials: 'ALPACA_1' },
  ]);
  expect(plan.config.accounts.map(({ cash }) => cash)).toEqual([undefined, undefined]);
  expect(plan.config.accounts.map(({ limits }) => limits.maxDecisionAgeSeconds)).toEqual([450, 20]);
  expect(plan.emulator).toMatchObject({
    seed: 11,
    symbols: ['QQQ', 'SPY'],
    speed: 45,
    accounts: [
      { prefix: 'ALPACA', cash: 5_000 },
      { prefix: 'ALPACA_1', cash: 100_000 },
    ],
  });
  const keys = plan.emulator?.accounts.map(({ keyId }) => keyId);
  expect(new Set(keys).size).toBe(2);
});

it('is what the demonstration does, unless the command line says otherwise', async () => {
  expect((await planOf({}, {})).emulator).toMatchObject({ speed: 45 });
  expect((await planOf({ speed: 'max' }, {})).emulator).toMatchObject({ speed: 600 });
  expect((await planOf({ venue: 'configured' }, {})).emulator).toBeUndefined();
  expect((await planOf({ config: config() }, {})).emulator).toBeUndefined();
  await expect(planOf({ bars: ['a.csv'], venue: 'alpaca-emulator' }, {})).rejects.toThrow('--bars');
});
