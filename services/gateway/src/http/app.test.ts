import { AppError } from '@capstan/domain';
import { afterEach, describe, expect, test } from 'vitest';
import { stray, T } from '../gateway.fixture.ts';
import { LIMITS } from '../limits.ts';
import { ask, bearer, closeAll, open, post } from './app.test-support.ts';

afterEach(closeAll);

describe('what is asked', () => {
  const shapes: readonly (readonly [string, unknown])[] = [
    [
      '/api/bots',
      { bots: [{ botId: 'sma', state: 'running', schedule: 'always', lastSliceEndUs: T }] },
    ],
    [
      '/api/strategies',
      {
        strategies: [
          { name: 'sma-cross', parameters: [{ name: 'fast', defaultValue: 10, minimum: 1 }] },
        ],
      },
    ],
    [
      '/api/orders?open=true',
      { orders: [{ orderId: 'order-1', state: 'filled', filledNotionalMicros: 1_016_000_000 }] },
    ],
    [
      '/api/fills?limit=5',
      { fills: [{ fillId: 'fill-1', priceNanos: 101_600_000_000, feeMicros: 350_000 }] },
    ],
    ['/api/equity?account=paper', { points: [{ atUs: T, cashMicros: 98_983_650_000 }] }],
    ['/api/days?account=paper', { days: [{ tradeDate: '2026-01-05', pnlMicros: -1_350_000 }] }],
    [
      '/api/bars?symbol=SPY',
      { feed: 'demo', symbol: 'SPY', bars: [{ endUs: T, closeNanos: 101_500_000_000 }] },
    ],
    ['/api/signals?bot=sma', { signals: [{ signalId: 'signal-1', direction: 'long' }] }],
    ['/api/denials', { denials: [{ denialId: 'denial-1', policy: 'market-hours' }] }],
    ['/api/drifts?open', { drifts: [{ driftId: 'drift-1', ledger: 10, broker: 9 }] }],
    [
      '/api/jobs',
      { jobs: [{ jobId: 'job-1', spec: { strategy: 'sma-cross' }, result: { sharpe: 1.5 } }] },
    ],
    ['/api/jobs/job-1', { job: { jobId: 'job-1', state: 'done' } }],
    [
      '/api/services',
      { services: [{ name: 'risk', state: 'ready', message: 'http://127.0.0.1:8083' }] },
    ],
    [
      '/api/why/sma',
      { entries: [{ kind: 'fill' }, { kind: 'order' }, { kind: 'signal' }, { kind: 'denied' }] },
    ],
  ];

  test.each(shapes)('%s', async (url, shape) => {
    const answer = await ask(await open(), url);
    expect(answer).toMatchObject({ status: 200, body: shape });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('positions are valued at the newest price, exactly', async () => {
    const answer = await ask(await open(), '/api/positions?account=paper');
    expect(answer.body).toEqual({
      accounts: [
        {
          accountId: 'paper',
          venue: 'paper',
          mode: 'paper',
          currency: 'USD',
          limits: { policies: ['market-hours'] },
          cashMicros: 98_983_650_000,
          marketValueMicros: 1_015_000_000,
          equityMicros: 99_998_650_000,
          realisedMicros: 5_000_000,
          unrealisedMicros: -1_000_000,
          feesMicros: 350_000,
          complete: true,
        },
      ],
      positions: [
        {
          accountId: 'paper',
          botId: 'sma',
          symbol: 'SPY',
          quantity: 10,
          costMicros: 1_016_000_000,
          realisedMicros: 5_000_000,
          feesMicros: 350_000,
          averagePriceNanos: 101_600_000_000,
          markPriceNanos: 101_500_000_000,
          markAtUs: T,
          marketValueMicros: 1_015_000_000,
          unrealisedMicros: -1_000_000,
        },
      ],
    });
  });

  test('the overview holds what the head of the page shows', async () => {
    const { body } = await ask(await open(), '/api/overview');
    expect(body).toMatchObject({
      runId: 'live',
      environment: 'dev',
      actor: 'local',
      role: 'operator',
      nowUs: T,
      instruments: [{ symbol: 'SPY' }],
      accounts: [{ accountId: 'paper', equityMicros: 99_998_650_000 }],
      killSwitches: [{ accountId: 'paper', mode: 'off', sinceUs: T }],
      breakers: [{ accountId: 'paper', open: true, failures: 5, sinceUs: T }],
      feeds: [{ feed: 'demo', lastSliceEndUs: T, slicesPublished: 1 }],
      problems: [],
    });
  });

  test('the overview names what it could not read and shows the rest', async () => {
    const one = await open();
    one.services.away('getLedger');
    one.services.away('getKillSwitch');
    const { status, body } = await ask(one, '/api/overview');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      accounts: [{ accountId: 'paper' }],
      problems: [
        { part: 'killSwitches', code: 'RPC.UNAVAILABLE' },
        { part: 'ledger of paper', code: 'RPC.UNAVAILABLE' },
      ],
    });
    expect(body).not.toHaveProperty('accounts.0.equityMicros');
  });

  test('limits are bounded and passed on', async () => {
    const one = await open();
    await ask(one, '/api/fills?limit=999999&afterUs=7&bot=sma&account=paper');
    const request = { accountId: 'paper', botId: 'sma', afterUs: 7n, limit: LIMITS.listMax };
    expect(one.services.called).toEqual([{ method: 'listFills', request }]);
  });

  test.each([
    ['/api/fills?limit=0', "'limit' must be"],
    ['/api/fills?limit=abc', "'limit' must be a whole number"],
    ['/api/orders?open=perhaps', "'open' must be true or false"],
    ['/api/bars', "'symbol' is missing"],
    ['/api/bars?symbol=SPY&timeframe=7m', "'timeframe' must be one of 1m"],
    ['/api/equity', "'account' is missing"],
    ['/api/bots?account=a&account=b', "'account' must be text"],
  ])('%s is refused naming the field', async (url, why) => {
    const { status, body } = await ask(await open(), url);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'GATEWAY.REQUEST', why: expect.stringContaining(why) });
  });

  test.each([
    '/api/jobs/other',
    '/api/bars?symbol=NONE',
    '/api/nothing',
    '/assets/../../etc/passwd',
  ])('%s is not there', async (url) => {
    const { status, body } = await ask(await open(), url);
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'GATEWAY.NOT_FOUND' });
  });
});

describe('what is changed', () => {
  test.each([
    ['pause', 'pauseBot', 'PauseBot'],
    ['resume', 'resumeBot', 'ResumeBot'],
    ['stop', 'stopBot', 'StopBot'],
  ])('%s goes to the bot and into the audit', async (verb, method, action) => {
    const one = await open();
    const answer = await post(
      one,
      `/api/bots/sma/${verb}`,
      { commandId: 'c-1' },
      { headers: bearer('act-token') },
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { commandId: 'c-1', applied: true, message: 'done.' },
    });
    const request = { botId: 'sma', actor: 'otto', commandId: 'c-1' };
    expect(one.services.called).toMatchObject([{ method, request }]);
    expect(one.store.audited).toMatchObject([
      { actor: 'otto', action, subject: 'bot/sma', atUs: T },
    ]);
  });

  test('a bot is stopped only until the platform is started again', async () => {
    const one = await open();
    const body = { commandId: 'c-1', untilRestart: true };
    expect((await post(one, '/api/bots/sma/stop', body)).status).toBe(200);
    expect(one.services.called[0]?.request).toMatchObject({ botId: 'sma', untilRestart: true });
  });

  test('a bot is created as described', async () => {
    const one = await open();
    const wanted = {
      botId: 'new',
      accountId: 'paper',
      strategy: 'sma-cross',
      params: { fast: 5, name: 'x', on: true },
      symbols: ['SPY', 'AAPL', 'SPY'],
      feed: 'demo',
      sizing: { kind: 'fixedQuantity', quantity: 10 },
    };
    expect((await post(one, '/api/bots', wanted)).status).toBe(200);
    expect(one.services.called[0]?.request).toMatchObject({
      actor: 'local',
      bot: {
        botId: 'new',
        symbols: ['AAPL', 'SPY'],
        onShutdown: 'leave',
        restartOnCrash: true,
        sizing: { rule: { $case: 'fixedQuantity', value: 10n } },
        params: { fast: { value: { $case: 'number', value: 5 } } },
      },
    });
    const week = { days: ['fri', 'mon'], start: '09:35', beforeCloseMinutes: 5, atEnd: 'flatten' };
    await post(one, '/api/bots', { ...wanted, schedule: week });
    await post(one, '/api/bots', { ...wanted, schedule: 'always' });
    expect(one.services.called.slice(1).map(({ request }) => request)).toMatchObject([
      { bot: { schedule: { ...week, days: ['mon', 'fri'], end: undefined } } },
      { bot: { schedule: undefined } },
    ]);
    expect(await post(one, '/api/bots', { ...wanted, symbols: [] })).toMatchObject({ status: 400 });
    expect(await post(one, '/api/bots', { ...wanted, params: { a: [] } })).toMatchObject({
      status: 400,
      body: { why: expect.stringContaining('params.a') },
    });
  });

  const BOT_BODY = {
    botId: 'new',
    accountId: 'paper',
    strategy: 'ma-cross',
    symbols: ['SPY'],
    feed: 'demo',
  };

  test.each([
    [{ kind: 'fixedNotional', notional: '2500' }, { value: 2_500_000_000n }],
    [{ kind: 'cashFraction', fraction: 1 }, { value: { fraction: 1, feeBps: 0 } }],
    [{ kind: 'atrRisk', risk: 500 }, { value: { risk: { value: 500_000_000n }, atrBars: 14 } }],
    [{ kind: 'volatilityTarget', annualVolatility: 0.1 }, { value: { lookbackBars: 20 } }],
  ])('a bot is created with the sizing %j', async (sizing, rule) => {
    const one = await open();
    const wanted = { ...BOT_BODY, sizing };
    expect((await post(one, '/api/bots', wanted)).status).toBe(200);
    expect(one.services.called[0]?.request).toMatchObject({
      bot: { sizing: { rule: { $case: expect.stringContaining(sizing.kind), ...rule } } },
    });
  });

  test.each([
    [{}, "'sizing.kind' must be one of fixedQuantity, fixedNotional, equityFraction"],
    [{ kind: 'equityFraction', fraction: 0 }, "'sizing.fraction' must be from 0.000001 to 100."],
    [{ kind: 'equityFraction', part: 1 }, "'sizing.part' is no key of equityFraction"],
    [{ kind: 'atrRisk', risk: 'much' }, "'sizing.risk' must be money above 0"],
  ])('a bot is not created with the sizing %j', async (sizing, why) => {
    const one = await open();
    expect(await post(one, '/api/bots', { ...BOT_BODY, sizing })).toMatchObject({
      status: 400,
      body: { why: expect.stringContaining(why) },
    });
    expect(one.services.called).toEqual([]);
  });

  test.each([
    ['never', "'schedule' must be always or have days, start, end, timeZone"],
    [{}, "'schedule' must be always, or bound by days, start, end"],
    [{ start: '9:35' }, "'schedule.start' must be a time of day such as 09:35."],
    [{ start: '09:35', ende: '10:00' }, "'schedule.ende' is unknown; known: days, start, end"],
    [{ days: ['monday'] }, "'schedule.days' must be days among mon, tue"],
    [{ afterOpenMinutes: -5 }, "'afterOpenMinutes' must be 0 to 1440"],
  ])('a bot is not created with the schedule %j', async (schedule, why) => {
    const one = await open();
    const wanted = {
      botId: 'new',
      accountId: 'paper',
      strategy: 'ma-cross',
      symbols: ['SPY'],
      feed: 'demo',
      sizing: { kind: 'fixedQuantity', quantity: 10 },
    };
    expect(await post(one, '/api/bots', { ...wanted, schedule })).toMatchObject({
      status: 400,
      body: { why: expect.stringContaining(why) },
    });
    expect(one.services.called).toEqual([]);
  });

  test('limits are shown and changed, and a refusal is told', async () => {
    const one = await open();
    const path = '/api/limits/paper';
    expect(await ask(one, path)).toMatchObject({
      status: 200,
      body: { accountId: 'paper', changed: true, limits: { maxPositions: 3 } },
    });
    const change = { bot: 'sma', set: { maxPositions: 2, killTime: null }, commandId: 'c' };
    expect(await post(one, path, change)).toMatchObject({ status: 200 });
    const { request } = one.services.called.at(-1) as { request: Record<string, unknown> };
    expect(request).toMatchObject({ accountId: 'paper', botId: 'sma', symbol: '', actor: 'local' });
    expect(JSON.parse(String(request.setJson))).toEqual({ maxPositions: 2, killTime: null });
    one.services.commandResult = { applied: false, message: "unknown key 'maxPosition'." };
    expect(await post(one, path, { set: { maxPosition: 2 } })).toMatchObject({ status: 409 });
    expect((await post(one, path, {})).status).toBe(400);
  });

  test('a breaker is reset, by force where that is said, and a refusal is told', async () => {
    const one = await open();
    const path = '/api/breakers/paper/reset';
    expect(await post(one, path, { commandId: 'c', force: true })).toMatchObject({ status: 200 });
    expect(one.services.called.at(-1)).toMatchObject({
      method: 'resetBreaker',
      request: { accountId: 'paper', commandId: 'c', force: true, actor: 'local' },
    });
    one.services.commandResult = { applied: false, message: 'the cause is still there: fire.' };
    expect(await post(one, path, {})).toMatchObject({
      status: 409,
      body: { code: 'GATEWAY.REFUSED', why: 'the cause is still there: fire.' },
    });
    expect((await post(one, '/api/breakers/none/reset', {})).status).toBe(404);
  });

  test('alerts are shown with their channels, and a channel is tried', async () => {
    const one = await open();
    const { body } = await ask(one, '/api/alerts');
    expect(body).toMatchObject({
      alerts: [{ sequence: 1, kind: 'kill', sentTo: ['ops'] }],
      channels: [{ channel: 'ops', problem: '' }],
    });
    expect(await post(one, '/api/alerts/test', { channel: 'ops' })).toMatchObject({
      status: 200,
      body: { results: [{ channel: 'ops', problem: '' }] },
    });
    expect(one.services.called.at(-1)).toMatchObject({
      method: 'testAlerts',
      request: { channel: 'ops' },
    });
  });

  test('sessions are shown with what comes next, and no more than the name of one that has not begun', async () => {
    const { body } = await ask(await open(), '/api/sessions');
    expect(body).toEqual({
      sessions: [
        { calendar: '24x7', timeZone: 'UTC' },
        {
          calendar: 'XNYS',
          timeZone: 'America/New_York',
          atUs: expect.any(Number),
          localDate: '2026-11-26',
          open: false,
          closure: 'Thanksgiving Day',
          session: {
            date: '2026-11-27',
            openUs: expect.any(Number),
            closeUs: expect.any(Number),
            earlyClose: true,
          },
          next: { kind: 'preMarket', atUs: expect.any(Number) },
        },
      ],
    });
  });

  test('the kill switch takes a mode, an account and a reason', async () => {
    const one = await open();
    const hard = { mode: 'hard', account: 'paper', reason: 'drill' };
    const answer = await post(one, '/api/kill', hard);
    expect(answer.body).toMatchObject({ killSwitches: [{ accountId: 'paper', mode: 'hard' }] });
    expect(one.services.called[0]?.request).toEqual({
      accountId: 'paper',
      mode: 3,
      actor: 'local',
      reason: 'drill',
      foreign: false,
    });
    expect(one.store.audited[0]).toMatchObject({ action: 'Kill', subject: 'account/paper' });
    expect(await post(one, '/api/unkill', {})).toMatchObject({
      body: { killSwitches: [{ mode: 'off' }] },
    });
    expect(await post(one, '/api/kill', { mode: 'off', reason: 'x' })).toMatchObject({
      status: 400,
    });
    expect(await post(one, '/api/kill', { mode: 'soft' })).toMatchObject({ status: 400 });
  });

  test('an order is cancelled where it lies', async () => {
    const one = await open();
    expect((await post(one, '/api/orders/order-1/cancel')).status).toBe(200);
    expect(one.services.called.at(-1)?.request).toMatchObject({
      accountId: 'paper',
      orderId: 'order-1',
    });
    expect((await post(one, '/api/orders/order-9/cancel')).status).toBe(404);
    const named = await post(one, '/api/orders/order-9/cancel', { account: 'paper' });
    expect(named.status).toBe(200);
  });

  test('an order is replaced by what is given, and resolved by a person', async () => {
    const one = await open();
    const body = { quantity: 8, limitPriceNanos: 99_000_000_000 };
    expect((await post(one, '/api/orders/order-1/replace', body)).status).toBe(200);
    expect(one.services.called.at(-1)).toMatchObject({
      method: 'replaceOrder',
      request: { accountId: 'paper', quantity: 8n, limitPriceNanos: 99_000_000_000n },
    });
    expect((await post(one, '/api/orders/order-1/replace', {})).status).toBe(400);
    const word = { as: 'filled', priceNanos: 5 };
    expect((await post(one, '/api/orders/order-1/resolve', word)).status).toBe(200);
    expect(one.services.called.at(-1)?.request).toMatchObject({ resolution: 1, priceNanos: 5n });
    expect((await post(one, '/api/orders/order-1/resolve', { as: 'gone' })).status).toBe(400);
  });

  test('many orders are cancelled, and flattened, only where it is said which', async () => {
    const one = await open();
    for (const path of ['/api/orders/cancel', '/api/flatten']) {
      const answer = await post(one, path, { bot: 'sma', symbol: 'SPY' });
      expect(answer.body).toMatchObject({ results: [{ accountId: 'paper', applied: true }] });
      const { request } = one.services.called.at(-1) ?? {};
      expect(request).toMatchObject({ accountId: '', botId: 'sma', symbol: 'SPY' });
      expect((await post(one, path, {})).status).toBe(400);
      expect((await post(one, path, { all: true })).status).toBe(200);
    }
    expect(one.store.audited.map((row) => row.subject)).toContain('bot/sma symbol/SPY');
  });

  test('what venues said of orders that are not ours is shown', async () => {
    const one = await open();
    const answer = await ask(one, '/api/strays?account=paper');
    expect(answer.body).toEqual({ strays: [stray] });
  });

  test('a backtest is submitted with its specification', async () => {
    const one = await open();
    const answer = await post(one, '/api/jobs', { spec: { strategy: 'rsi' } });
    expect(answer.body).toMatchObject({ job: { spec: { strategy: 'rsi' } } });
    expect((await post(one, '/api/jobs', {})).status).toBe(400);
  });

  test('what an owner refuses is a conflict in its words', async () => {
    const one = await open();
    one.services.commandResult = { applied: false, message: 'it is paused already.' };
    expect(await post(one, '/api/bots/sma/pause')).toMatchObject({
      status: 409,
      body: { code: 'GATEWAY.REFUSED', why: 'it is paused already.' },
    });
  });

  test('nothing that adds risk is changed where it cannot be audited', async () => {
    const one = await open();
    one.store.down = true;
    expect((await post(one, '/api/bots/sma/resume')).status).toBe(503);
    expect((await post(one, '/api/unkill')).status).toBe(503);
    expect(one.services.called).toEqual([]);
    expect((await post(one, '/api/bots/sma/pause')).status).toBe(200);
  });
});

describe('failures', () => {
  test.each([
    [new AppError({ code: 'RPC.TIMEOUT', why: 'late.', retry: 'retryable' }), 504],
    [new AppError({ code: 'RPC.UNAVAILABLE', why: 'away.', retry: 'retryable' }), 503],
    [new AppError({ code: 'RPC.INTERNAL', why: 'broken.' }), 502],
    [new AppError({ code: 'SIGNAL.BOT', why: 'there is no bot.' }), 422],
    [new AppError({ code: 'OTHER.BUSY', why: 'busy.', retry: 'retryable' }), 503],
  ])('%s is told with its code', async (error, status) => {
    const one = await open();
    one.services.failing.set('listBots', error);
    const answer = await ask(one, '/api/bots');
    expect(answer).toMatchObject({ status, body: { code: error.code, why: error.why } });
  });

  test('a bug says nothing outside and everything in the log', async () => {
    const one = await open();
    one.services.failing.set('listBots', new Error('secret detail'));
    const answer = await ask(one, '/api/bots');
    expect(answer).toMatchObject({ status: 500, body: { code: 'GATEWAY.INTERNAL' } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(one.log.lines).toMatchObject([
      { level: 'error', fields: { error: { message: 'secret detail' } } },
    ]);
  });

  test('bodies that are no JSON or too large are named', async () => {
    const one = await open();
    const headers = { 'content-type': 'application/json' };
    const send = (payload: string) => ask(one, '/api/kill', { method: 'POST', payload, headers });
    expect(await send('{')).toMatchObject({ status: 400, body: { code: 'GATEWAY.REQUEST' } });
    expect(await send('[1]')).toMatchObject({ status: 400, body: { code: 'GATEWAY.REQUEST' } });
    const large = JSON.stringify({ reason: 'x'.repeat(LIMITS.bodyBytesMax) });
    expect(await send(large)).toMatchObject({
      status: 400,
      body: { why: expect.stringContaining('larger') },
    });
  });
});
