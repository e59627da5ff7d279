import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineConfig, loadConfig } from './config.ts';
import { checkPlatform, openingCash, platformSections, statedCash } from './platform-sections.ts';

const schema = defineConfig(platformSections);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-sections-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Loads a configuration with one bot of that schedule, written as YAML. */
async function scheduleOf(yaml: string) {
  return (await botOf(yaml === '' ? '' : `, schedule: ${yaml}`))?.schedule;
}

async function botOf(more: string) {
  const file = join(folder, 'capstan.yaml');
  const bot = '{ botId: b, accountId: a, strategy: s, symbols: [SPY], feed: f';
  await writeFile(file, `bots:\n  - ${bot}${more} }\n`);
  return loadConfig(schema, { file }).config.bots[0];
}

describe('a rule for unfilled limit orders', () => {
  it("is the account's, to wait, unless a bot or the account says so", async () => {
    expect((await botOf(''))?.unfilledLimit).toBeUndefined();
    const bot = await botOf(', unfilledLimit: { action: reprice, afterSeconds: 90 }');
    expect(bot?.unfilledLimit).toEqual({
      ...{ action: 'reprice', afterSeconds: 90, collarBps: 50, repricesMax: 3 },
    });
    const file = join(folder, 'capstan.yaml');
    await writeFile(
      file,
      'accounts: [{ accountId: a }]\nvenues: { paper: { ordersPerSecond: 5 } }\n',
    );
    const { config } = await loadConfig(schema, { file });
    expect(config.accounts[0]?.unfilledLimit.action).toBe('wait');
    expect(config.venues.paper).toEqual({ ordersPerSecond: 5, burst: 10 });
    expect(config.run.dryRun).toBe(false);
  });

  it.each([
    ['{ action: hope }', /'bots\.0\.unfilledLimit\.action'/],
    ['{ action: cancel, afterSeconds: 0 }', /'bots\.0\.unfilledLimit\.afterSeconds'/],
    ['{ after: 5 }', /unfilledLimit/],
  ])('%s is refused by its key', async (rule, what) => {
    await expect(botOf(`, unfilledLimit: ${rule}`)).rejects.toThrow(what);
  });
});

it('an account opens with its cash at the paper exchange, and with what the broker holds elsewhere', async () => {
  const file = join(folder, 'capstan.yaml');
  const at = (venue: string, cash: string) => `{ accountId: a, venue: ${venue}${cash} }`;
  const accounts = [at('paper', ''), at('paper', ', cash: 250.5'), at('alpaca', '')];
  const given = at('alpaca', ', cash: "57312.00"');
  await writeFile(file, `accounts:\n${[...accounts, given].map((one) => `  - ${one}\n`).join('')}`);
  const { config } = await loadConfig(schema, { file });
  const parsed = config.accounts.map((one) => [openingCash(one), statedCash(one)]);
  expect(parsed).toEqual([
    [100_000_000_000, undefined],
    [250_500_000, 250_500_000],
    [0, undefined],
    [0, 57_312_000_000],
  ]);
});

describe("a bot's sizing", () => {
  it('is a tenth of equity where nothing else is said', async () => {
    expect((await botOf(''))?.sizing).toEqual({ kind: 'equityFraction', fraction: 0.1 });
  });

  it('is money in whole micros', async () => {
    const bot = await botOf(', sizing: { kind: fixedNotional, notional: 2500.25 }');
    expect(bot?.sizing).toEqual({ kind: 'fixedNotional', notionalMicros: 2_500_250_000 });
  });

  it('is any of the six kinds, with what was left out filled in', async () => {
    const sizings = [
      '{ kind: fixedQuantity, quantity: 5 }',
      '{ kind: cashFraction, fraction: 0.9 }',
      '{ kind: atrRisk, risk: 250 }',
      '{ kind: atrRisk, riskFraction: 0.01, atrBars: 20, atrMultiple: 3, maxFraction: 0.5 }',
      '{ kind: volatilityTarget, annualVolatility: 0.1 }',
    ];
    const read: unknown[] = [];
    for (const sizing of sizings) read.push((await botOf(`, sizing: ${sizing}`))?.sizing);
    expect(read).toEqual([
      { kind: 'fixedQuantity', quantity: 5 },
      { kind: 'cashFraction', fraction: 0.9, feeBps: 0 },
      { kind: 'atrRisk', riskMicros: 250_000_000, atrBars: 14, atrMultiple: 2, maxFraction: 1 },
      { kind: 'atrRisk', riskFraction: 0.01, atrBars: 20, atrMultiple: 3, maxFraction: 0.5 },
      { kind: 'volatilityTarget', annualVolatility: 0.1, lookbackBars: 20, maxFraction: 1 },
    ]);
  });

  it.each([
    ['{ kind: most }', /'bots\.0\.sizing\.kind' is "most".* \(must be one of fixedQuantity/],
    ['{ kind: equityFraction }', /'bots\.0\.sizing\.fraction' is missing: it must be from/],
    ['{ kind: equityFraction, fraction: 0 }', /'bots\.0\.sizing\.fraction' is 0/],
    [
      '{ kind: atrRisk, risk: 5, bars: 3 }',
      /'bots\.0\.sizing\.bars' is 3.* \(is no key of atrRisk/,
    ],
  ])('is refused with the key and its rule: %s', async (sizing, words) => {
    await expect(botOf(`, sizing: ${sizing}`)).rejects.toThrow(words);
  });

  it.each(['0', '0.0000001', '99999999999999999999'])('is refused of %s', async (notional) => {
    await expect(
      botOf(`, sizing: { kind: fixedNotional, notional: '${notional}' }`),
    ).rejects.toThrow(/'bots\.0\.sizing\.notional' is .* \(must be money above 0/);
  });
});

describe("a bot's schedule", () => {
  it('is always where nothing else is said', async () => {
    expect(await scheduleOf('')).toBeUndefined();
    expect(await scheduleOf('always')).toBeUndefined();
  });

  it('is read with or without quotes, days in any order', async () => {
    const schedule = { days: ['mon', 'fri'], start: '09:35', end: '15:55', atEnd: 'hold' };
    expect(await scheduleOf("{ days: [fri, mon], start: '09:35', end: '15:55' }")).toEqual(
      schedule,
    );
    expect(await scheduleOf('{ days: [mon, fri], start: 09:35, end: 15:55 }')).toEqual(schedule);
    expect(await scheduleOf('{ beforeCloseMinutes: 5, atEnd: flatten }')).toEqual({
      beforeCloseMinutes: 5,
      atEnd: 'flatten',
    });
  });

  it.each([
    ['never', `'bots.0.schedule' is "never" (neither`],
    ['{}', `'bots.0.schedule' is {} (must be always, or bound by days, start, end`],
    ['{ days: [monday] }', `'bots.0.schedule.days.0' is "monday"; allowed: one of mon, tue, wed`],
    ['{ days: [] }', `'bots.0.schedule.days' is [] (must be days among mon, tue`],
    ['{ start: 9:35 }', `'bots.0.schedule.start' is "9:35" (must be a time of day such as 09:35)`],
    ['{ start: 930 }', `'bots.0.schedule.start' is 930; allowed: text`],
    [
      "{ start: '10:00', end: '10:00' }",
      `'bots.0.schedule.end' is "10:00" (must differ from start)`,
    ],
    [
      '{ end: 16:00, timeZone: EST }',
      `'bots.0.schedule.timeZone' is "EST"; allowed: one of UTC, Am`,
    ],
    [
      '{ afterOpenMinutes: -5 }',
      `'bots.0.schedule.afterOpenMinutes' is -5 (must be whole minutes, 0 to 1440)`,
    ],
    ['{ ends: 16:00 }', `unknown key 'bots.0.schedule.ends'. Did you mean 'end'?`],
  ])('is refused with key, value and what is allowed: %s', async (yaml, words) => {
    await expect(scheduleOf(yaml)).rejects.toMatchObject({
      code: 'CONFIG.INVALID',
      message: expect.stringContaining(words),
    });
    await expect(scheduleOf(yaml)).rejects.toThrow(/capstan\.yaml:2:/);
  });
});

describe('live money', () => {
  const check = async (yaml: string) => {
    const file = join(folder, 'live.yaml');
    await writeFile(file, yaml);
    checkPlatform(loadConfig(schema, { file }).config);
  };
  const live = 'accounts: [{ accountId: main, mode: live }]\n';
  const allowed = 'installation: { allowLive: true }\n';

  it('is not what an account or an installation wants unless it says so', async () => {
    const { config } = loadConfig(schema);
    expect(config.installation.allowLive).toBe(false);
    await check('accounts: [{ accountId: main }]\n');
    await check(`accounts: [{ accountId: main }]\n${allowed}`);
  });

  it('is traded outside the session only where the venue has that', async () => {
    await check('accounts: [{ accountId: main, venue: alpaca, extendedHours: true }]\n');
    await expect(check('accounts: [{ accountId: main, extendedHours: true }]\n')).rejects.toThrow(
      /accounts\[0\]\.extendedHours of 'main' is true, and the venue 'paper' has no extended hours/,
    );
  });

  it('is for accounts at a broker that takes it, each with keys of its own', async () => {
    const main = '{ accountId: main, venue: alpaca, mode: live }';
    await check(`accounts: [${main}]\n${allowed}`);
    await check(`accounts: [${main}, { accountId: b, venue: alpaca, credentials: B }]\n${allowed}`);
    const twice = `accounts: [${main}, { accountId: b, venue: alpaca }]\n${allowed}`;
    await expect(check(twice)).rejects.toThrow(/'b' and 'main' have the same keys.*ALPACA_KEY_ID/s);
  });

  it.each([
    [live, /accounts\[0\]\.mode of 'main' is live, and installation\.allowLive is not true/],
    [`${live}installation: { allowLive: false }\n`, /takes both keys/],
    [`${live}${allowed}`, /'paper', which takes no real money/],
    [
      'accounts: [{ accountId: main, venue: alpaca, mode: live }]\n',
      /installation\.allowLive is not true/,
    ],
  ])('is refused with the key that is missing: %j', async (yaml, words) => {
    await expect(check(yaml)).rejects.toMatchObject({
      code: 'CONFIG.INVALID',
      message: expect.stringMatching(words),
    });
  });
});

describe("an account's limits", () => {
  const load = async (limits: string, bots = '') => {
    const file = join(folder, 'limits.yaml');
    await writeFile(file, `accounts:\n  - { accountId: a, limits: ${limits} }\n${bots}`);
    return (await loadConfig(schema, { file })).config;
  };

  it('stay as they are written, once they can be read', async () => {
    const [account] = (await load('{ maxPositions: 3, killTime: "15:55" }')).accounts;
    expect(account?.limits).toEqual({ maxPositions: 3, killTime: '15:55' });
  });

  it.each([
    ['{ maxPosition: 3 }', /unknown key 'maxPosition'.*Did you mean 'maxPositions'/],
    ['{ maxPositions: -1 }', /'accounts\.0\.limits\.maxPositions' is -1.*whole number/],
    ['{ policies: [moon-phase] }', /policies is moon-phase/],
    ['{ maxNetExposure: 2, maxGrossExposure: 1 }', /maxNetExposure is 2\.00, above/],
    ['{ scopes: [{ bot: x, bufferBps: 1 }] }', /only be set for the whole account/],
  ])('refuse %s by its key', async (limits, text) => {
    await expect(load(limits)).rejects.toThrow(text);
  });

  it('name bots of the account, or say what the nearest is', async () => {
    const bot = '{ botId: trend, accountId: a, strategy: s, symbols: [SPY], feed: f }';
    const bots = `feeds:\n  - { kind: generator, feed: f, symbols: [{ symbol: SPY }] }\nbots:\n  - ${bot}\n`;
    checkPlatform(await load('{ scopes: [{ bot: trend, maxPositions: 1 }] }', bots));
    const wrong = await load('{ scopes: [{ bot: trned, maxPositions: 1 }] }', bots);
    expect(() => checkPlatform(wrong)).toThrow(
      /scopes\[0\]\.bot is 'trned', which is not under the bots of a.*Did you mean 'trend'/,
    );
    const lost = await load('{}', bots.replace('accountId: a', 'accountId: paprika'));
    expect(() => checkPlatform(lost)).toThrow(
      /accountId is 'paprika', which is not under accounts/,
    );
  });
});
