import { expect, test } from 'vitest';
import type { Answer } from '../gateway-client.ts';
import { type SmokeOptions, smoke } from './smoke.ts';

/** A platform that fills so many seconds after a bot was made, and closes its position so long after it was stopped. */
class World {
  nowMs = 0;
  fillId = 'e1';
  readonly posted: string[] = [];
  readonly said: string[] = [];
  readonly accounts: readonly Answer[];
  readonly #fillsAfterMs: number;
  readonly #closesAfterMs: number;
  #madeMs = Number.POSITIVE_INFINITY;
  #stoppedMs = Number.POSITIVE_INFINITY;

  constructor(fillsAfterS: number, closesAfterS: number, modes: readonly string[] = ['paper']) {
    this.#fillsAfterMs = fillsAfterS * 1_000;
    this.#closesAfterMs = closesAfterS * 1_000;
    this.accounts = modes.map((mode) => ({ accountId: mode, mode }));
  }

  run(options: Partial<SmokeOptions> = {}): Promise<void> {
    const gateway = {
      get: (path: string) => Promise.resolve(this.#answer(path)),
      post: (path: string) => Promise.resolve(this.#change(path)),
    };
    const sleep = async (ms: number): Promise<void> => {
      this.nowMs += ms;
    };
    const say = (line: string): void => void this.said.push(line);
    const ports = { gateway, sleep, nowMs: () => this.nowMs, botId: 'smoke-1', say };
    return smoke(ports, { timeout: 60, ...options });
  }

  #answer(path: string): Answer {
    const filled = this.nowMs >= this.#madeMs + this.#fillsAfterMs;
    const closed = this.nowMs >= this.#stoppedMs + this.#closesAfterMs;
    const fill = { fillId: this.fillId, side: 'buy', quantity: 1, symbol: 'SPY', orderId: 'o1' };
    if (path === '/api/overview') {
      return { accounts: this.accounts, feeds: [{ feed: 'demo', symbols: ['SPY', 'QQQ'] }] };
    }
    if (path === '/api/fills') return { fills: filled ? [fill] : [] };
    if (path === '/api/orders') return { orders: [] };
    if (path === '/api/positions') {
      return { positions: [{ botId: 'smoke-1', quantity: filled && !closed ? 1 : 0 }] };
    }
    const entries = [{ text: 'SPY denied', reason: 'the kill switch is on' }];
    return { standing: ['the account is killed'], entries };
  }

  #change(path: string): Answer {
    this.posted.push(path);
    if (path === '/api/bots') this.#madeMs = this.nowMs;
    else this.#stoppedMs = this.nowMs;
    return {};
  }
}

test('an order goes all the way, and its position is closed', async () => {
  const world = new World(4, 3);
  await world.run();
  expect(world.posted).toEqual(['/api/bots', '/api/bots/smoke-1/stop']);
  expect(world.said).toEqual([
    'smoke-1 trades SPY of demo on paper',
    'filled after 4.0 s: buy 1 SPY, order o1',
    'flat again after 7.0 s: an order goes all the way',
  ]);
});

test('without a fill it is told how far the order came, and the bot is stopped', async () => {
  const world = new World(61, 0);
  await expect(world.run()).rejects.toMatchObject({
    code: 'CLI.SMOKE',
    why: 'smoke-1 has no fill after 60 s: the account is killed; SPY denied: the kill switch is on.',
  });
  expect(world.posted).toEqual(['/api/bots', '/api/bots/smoke-1/stop']);
});

test('a fill by another bot of the account is none of the venue', async () => {
  const world = new World(1, 0);
  world.fillId = 'internal/e1';
  await expect(world.run()).rejects.toMatchObject({ code: 'CLI.SMOKE' });
});

test('a position that stays is told, with what closes it', async () => {
  await expect(new World(1, 1_000).run()).rejects.toMatchObject({
    code: 'CLI.SMOKE',
    fix: expect.stringContaining('capstan flatten --bot smoke-1'),
  });
});

test.each([
  [['live'], {}, /The account live is live/],
  [['paper', 'other'], {}, /There are 2 accounts/],
  [['paper'], { account: 'papr' }, /There is no account 'papr'.*--account: paper/],
  [['paper'], { symbol: 'TSLA' }, /The feed demo does not have TSLA.*Known: SPY, QQQ/],
])('with accounts %o and %o nothing is made', async (modes, options, why) => {
  const world = new World(1, 1, modes);
  const said = await world
    .run(options)
    .catch((error: Error) => error.message.replaceAll('\n', ' '));
  expect(said).toMatch(why);
  expect(world.posted).toEqual([]);
});
