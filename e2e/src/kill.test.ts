import { busClient, reportingService } from '@capstan/contracts';
import { waitUntil } from '@capstan/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journaled, playedSoFar } from './outcome.ts';
import { SERVICES, type ServiceName, STACK_START_MS } from './service-process.ts';
import { Stack } from './stack.ts';
import { playPure, RUN_ID, settled, stackConfig, type World } from './world.ts';

/** More slices than even a slow machine plays: the feed is stopped when all were killed. */
const WORLD: World = { seed: 31, slices: 3_000, symbols: ['QQQ', 'SPY'] };
/** About eight slices a second, so that every kill comes in the middle of trading. */
const SPEED = 480;
const RECOVER_MS = 30_000;
const REPLAY_MS = 60_000;

/** Everything that a slice passes through, and what only watches it. */
const VICTIMS: readonly ServiceName[] = [
  'market-data',
  'signal',
  'risk',
  'execution',
  'paper-exchange',
  'reporting',
  'gateway',
  'backtest-worker',
  'position-sync',
];

/** What each of them owns, and hands over at once. */
const KEYS: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  'market-data': ['feed/demo'],
  signal: ['bot/bracket', 'bot/cross-all', 'bot/ma-fast', 'bot/ma-slow'],
  risk: ['risk/paper'],
  execution: ['execution/paper'],
  reporting: ['alerts', 'replay', 'report/paper', 'session/XNYS'],
  'position-sync': ['position/paper'],
};

describe('kill -9 of one service after the other while it trades', () => {
  let stack: Stack;
  const resumedMs = new Map<string, number>();

  beforeAll(async () => {
    stack = await Stack.start({
      config: stackConfig(WORLD, SPEED),
      services: [...SERVICES, 'gateway'],
      guarded: true,
    });
  }, STACK_START_MS);
  afterAll(async () => {
    await stack?.stop();
  });

  const progress = async (): Promise<number> =>
    (await stack.store.equity({ runId: RUN_ID, botId: '*', limit: 1 })).at(0)?.atUs ?? 0;

  it.each(VICTIMS)(
    '%s comes back and the trading goes on',
    async (name) => {
      const start = await progress();
      expect(await waitUntil(async () => (await progress()) > start, RECOVER_MS)).toBe(true);
      const service = stack.service(name);
      // A machine under load may have let a lease lapse just then: what was held is handed over, and nothing else.
      expect(KEYS[name] ?? []).toEqual(expect.arrayContaining([...(await stack.kill(name))]));
      const killedAt = performance.now();
      const before = await progress();
      await service.start();
      const resumed = await waitUntil(async () => (await progress()) > before, RECOVER_MS);
      resumedMs.set(name, performance.now() - killedAt);
      if (!resumed) console.error(await stack.logs());
      expect(resumed).toBe(true);
      await service.ready();
    },
    60_000,
  );

  it('loses nothing and doubles nothing: the outcome is that of a run without a fault', async () => {
    const slices = await playedSoFar(stack, 60_000);
    console.info(
      'resumed after (ms)',
      Object.fromEntries([...resumedMs].map(([name, ms]) => [name, Math.round(ms)])),
    );
    const pure = playPure({ ...WORLD, slices });
    expect(pure.fills.length).toBeGreaterThan(VICTIMS.length);
    expect(settled(await journaled(stack.store))).toEqual(settled(pure));
    expect(await stack.store.drifts({ openOnly: false, limit: 10 })).toEqual([]);
  }, 90_000);

  it(
    'is replayed without a difference, however often its parts began again',
    async () => {
      const reporting = busClient(stack.requests, reportingService.ReportingServiceDefinition);
      const asked = { botId: '', tradeDate: '' };
      const { bots } = await reporting.replayDay(asked, { timeoutMs: REPLAY_MS });
      expect(bots.map(({ botId, differences }) => [botId, differences])).toEqual(
        ['bracket', 'cross-all', 'ma-fast', 'ma-slow'].map((botId) => [botId, []]),
      );
      expect(Math.min(...bots.map(({ slices }) => slices))).toBeGreaterThan(VICTIMS.length);
    },
    REPLAY_MS,
  );
});
