import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { getCalendar } from '@capstan/calendar';
import { isTerminal, MICROS_PER_UNIT, type TimeUs } from '@capstan/domain';
import { type AlpacaEmulator, EMULATOR_KEYS, startAlpacaEmulator } from '@capstan/emulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JourneyWorld } from './alpaca-journey-world.ts';
import { emulatedEnvironment, type Holdings, REQUESTS_PER_MINUTE } from './alpaca-owners.ts';
import { Network } from './network.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CLI = join(ROOT, 'apps', 'cli', 'src', 'main.ts');
const SESSION = getCalendar('XNYS').session('2026-01-05');
const OPEN_US = SESSION?.openUs ?? 0;
const CLOSE_US = SESSION?.closeUs ?? 0;
const START_US = CLOSE_US - 120 * 60_000_000;
/** A day has so many fills before it is compared. */
const FILLS_MIN = 6;
const WAIT_MS = 180_000;
const run = promisify(execFile);

let emulator: AlpacaEmulator;
let network: Network;
let folder = '';

beforeAll(async () => {
  emulator = await startAlpacaEmulator({
    clock: { kind: 'stepped', startUs: START_US },
    requestLimits: { trading: REQUESTS_PER_MINUTE, data: REQUESTS_PER_MINUTE },
  });
  network = await Network.to(emulator.url);
  folder = await mkdtemp(join(tmpdir(), 'capstan-alpaca-journey-'));
});
afterAll(async () => {
  network.close();
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command of the README in a folder of its own, by the keys of the environment. */
async function capstan(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...emulatedEnvironment(network.url) };
  const { stdout } = await run(process.execPath, [CLI, ...args], { cwd: folder, env });
  return stdout;
}

/** Writes a sample of the README beside, of three weeks instead of a year. */
async function shortened(name: string): Promise<string> {
  const text = await readFile(join(ROOT, 'configs', name), 'utf8');
  const short = text
    .replace(/^start: .*$/m, 'start: 2025-12-15')
    .replace(/^end: .*$/m, 'end: 2026-01-02');
  expect(short).not.toBe(text);
  const path = join(folder, name);
  await writeFile(path, short);
  return path;
}

/** What Alpaca itself says, asked past our adapter and past the network. */
async function ask<T>(path: string): Promise<T> {
  const headers = {
    'APCA-API-KEY-ID': EMULATOR_KEYS.keyId,
    'APCA-API-SECRET-KEY': EMULATOR_KEYS.secretKey,
  };
  const answer = await fetch(`${emulator.url}${path}`, { headers });
  return (await answer.json()) as T;
}

const micros = (text: string): number => Math.round(Number(text) * MICROS_PER_UNIT);

async function atBroker(): Promise<Holdings & { readonly equity: number }> {
  const account = await ask<{ cash: string; equity: string }>('/v2/account');
  const positions = await ask<{ symbol: string; qty: string }[]>('/v2/positions');
  return {
    held: positions.map(({ symbol, qty }) => [symbol, Number(qty)] as const).sort(),
    cash: micros(account.cash),
    equity: micros(account.equity),
  };
}

/** All fills of the account at Alpaca, oldest first. */
async function fillsAtBroker(): Promise<readonly { id: string; order_id: string }[]> {
  const rows: { id: string; order_id: string }[] = [];
  for (;;) {
    const from = rows.length === 0 ? '' : `&page_token=${rows.at(-1)?.id}`;
    const path = `/v2/account/activities/FILL?direction=asc&page_size=100${from}`;
    const page = await ask<{ id: string; order_id: string }[]>(path);
    rows.push(...page);
    if (page.length < 100) return rows;
  }
}

describe('a new user with a key of Alpaca', () => {
  it(
    'checks it, fetches minutes and runs the strategy over them, as the README says',
    async () => {
      const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
      const steps = [
        ['venues', 'check', '--config', 'config/alpaca.yaml'],
        ['fetch', '--config', 'configs/fetch-alpaca.yaml'],
        ['data', 'check'],
        ['backtest', '--config', 'configs/alpaca.yaml'],
      ];
      for (const step of steps) expect(readme).toContain(`npx capstan ${step.join(' ')} `);
      const config = join(ROOT, 'config', 'alpaca.yaml');
      // This Alpaca's time stands long ago: that is what is wrong, and nothing else.
      const checked = await capstan('venues', 'check', '--config', config).catch(
        ({ stdout }: { readonly stdout: string }) => stdout,
      );
      expect(checked).toMatch(/✓ account: .* ACTIVE, 100000\.00 USD/);
      expect(checked.match(/✗ .*/g)).toEqual([expect.stringMatching(/^✗ clock: /)]);
      const fetched = await capstan('fetch', '--config', await shortened('fetch-alpaca.yaml'));
      expect(fetched.match(/fetched +[\d,]{5,} +0 +[\d,]+ +0 /g)).toHaveLength(3);
      const whole = (await capstan('data', 'check')).match(/sessions: 13, .* none missing/g);
      expect(whole).toHaveLength(3);
      const sample = await shortened('alpaca.yaml');
      const result = JSON.parse(await capstan('backtest', '--config', sample, '--json')) as unknown;
      expect(result).toMatchObject({ symbols: ['AAPL', 'QQQ', 'SPY'] });
    },
    WAIT_MS,
  );

  it(
    'lets it trade on the paper account, twice without a network, and ledger, broker and report agree',
    async () => {
      const world = new JourneyWorld(emulator, network);
      await world.begin();
      try {
        await trade(world);
        await compare(world);
      } finally {
        await world.end();
      }
    },
    WAIT_MS,
  );
});

/** Lets minutes pass, at most so many, until something is so. */
async function play(world: JourneyWorld, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 60; left > 0; left -= 1) {
    await world.minute();
    if (await isSo()) return;
  }
  throw new Error('the bot did not trade');
}

/** Cuts the network for minutes of the market, and waits until all that was missed is made up for. */
async function outage(world: JourneyWorld, minutes: number): Promise<void> {
  network.cut();
  const before = world.closings().length;
  await world.pass(minutes * 60_000);
  expect(world.closings()).toHaveLength(before);
  const fills = await world.store.fills({ accountId: world.accountId, limit: 1_000 });
  expect((await fillsAtBroker()).length).toBeGreaterThan(fills.length);
  network.mend();
  await world.minute();
  await agreed(world);
}

const agreed = (world: JourneyWorld): Promise<void> =>
  world.until('ledger and broker agree', async () => {
    const { held, cash } = await atBroker();
    return JSON.stringify(await world.inLedger()) === JSON.stringify({ held, cash });
  });

async function trade(world: JourneyWorld): Promise<void> {
  const isOpened = async () => (await world.inLedger()).cash === 100_000 * MICROS_PER_UNIT;
  await world.until('the account opens with what it holds at Alpaca', isOpened);
  const isWorking = async () => (await world.orders()).some(({ state }) => state === 'accepted');
  // An order is taken, and fills while nobody hears of it.
  await play(world, isWorking);
  await outage(world, 3);
  // An order is taken, its answer is lost, and then the network.
  const sent = () => emulator.control.requests('/v2/orders').filter(isPost).length;
  const before = sent();
  emulator.control.fault({ kind: 'dropAfter', path: '/v2/orders', method: 'POST' });
  await play(world, async () => sent() > before && (await isWorking()));
  await outage(world, 2);
  const isDone = async () => {
    const orders = await world.orders();
    const fills = await world.store.fills({ accountId: world.accountId, limit: 1_000 });
    return fills.length >= FILLS_MIN && orders.every(({ state }) => isTerminal(state));
  };
  await play(world, isDone);
  await agreed(world);
}

const isPost = ({ method }: { readonly method: string }) => method === 'POST';

async function compare(world: JourneyWorld): Promise<void> {
  const { accountId, store } = world;
  const broker = await atBroker();
  const fills = await store.fills({ accountId, limit: 1_000 });
  const told = await fillsAtBroker();
  expect(fills).toHaveLength(told.length);
  const orders = await ask<{ client_order_id: string }[]>('/v2/orders?status=all&limit=500');
  const ours = await world.orders();
  const taken = orders.map((one) => one.client_order_id);
  const lost = ours.filter(({ orderId }) => !taken.includes(orderId));
  expect(ours.filter(({ orderId }) => taken.includes(orderId))).toHaveLength(taken.length);
  expect(lost.filter((one) => !isTerminal(one.state) || one.filledQuantity > 0)).toEqual([]);
  const report = () => world.day(OPEN_US as TimeUs, world.nowUs);
  await world.until('the report of the day', async () => {
    return (await report()).equityMicros === broker.equity;
  });
  expect(await report()).toMatchObject({ accountId, fills: told.length });
  expect(await store.drifts({ accountId, openOnly: false, limit: 9 })).toEqual([]);
  expect(await store.strays({ accountId, limit: 9 })).toEqual([]);
  const ends = world.closings();
  expect(ends.slice(1).every((endUs, at) => endUs - (ends[at] ?? 0) === 60_000_000)).toBe(true);
  expect(JSON.stringify(world.log.lines)).not.toContain(EMULATOR_KEYS.secretKey);
}
