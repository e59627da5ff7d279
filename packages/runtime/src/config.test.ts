import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { AppError } from '@capstan/domain';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { defineConfig, explainConfig, findConfigFile, loadConfig } from './config.ts';
import { environmentName, environmentPath } from './key-names.ts';
import { Secret, secret } from './secret.ts';

const venue = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('alpaca').describe('Alpaca.'),
    apiKey: secret().describe('The key.'),
  }),
  z.object({ kind: z.literal('paper').describe('Paper.') }),
]);

const schema = defineConfig({
  signal: z.object({
    bots: z.int().min(1).max(64).default(4).describe('How many bots run at once.'),
    title: z.string().min(1).default('none').describe('Shown on pages.'),
    mode: z.enum(['live', 'paper']).default('paper').describe('Real money or not.'),
    symbols: z.array(z.string()).default([]).describe('What to trade.'),
    limits: z.object({
      grossFraction: z.number().positive().max(4).default(1).describe('The most exposure.'),
    }),
  }),
  venues: z.record(z.string(), venue).default({}).describe('Brokers by name.'),
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(text: string, name = 'capstan.yaml'): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

function failure(load: () => unknown): AppError {
  try {
    load();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

test('fills every default when there is neither file nor environment', () => {
  const { config, secrets } = loadConfig(schema);
  expect(config.signal).toEqual({
    bots: 4,
    title: 'none',
    mode: 'paper',
    symbols: [],
    limits: { grossFraction: 1 },
  });
  expect(config.log).toEqual({ level: 'info', format: 'text' });
  expect(secrets).toEqual([]);
});

test('reads the file, and lets the environment win over it', async () => {
  const path = await file('signal:\n  bots: 5\n  mode: live\nrisk:\n  anything: 1\n');
  const environment = {
    CAPSTAN_SIGNAL__BOTS: '7',
    CAPSTAN_SIGNAL__TITLE: '007',
    CAPSTAN_SIGNAL__SYMBOLS: '[AAPL, BRK.B]',
    CAPSTAN_SIGNAL__LIMITS__GROSS_FRACTION: '1.5',
    CAPSTAN_RISK__SOMETHING: 'of another service',
    CAPSTAN_SUPERVISED: '1',
    PATH: '/bin',
  };
  const { config } = loadConfig(schema, { file: path, environment });
  expect(config.signal).toEqual({
    bots: 7,
    title: '007',
    mode: 'live',
    symbols: ['AAPL', 'BRK.B'],
    limits: { grossFraction: 1.5 },
  });
});

test('names file, line, key, value and what is allowed', async () => {
  const path = await file('# top\nsignal:\n  title: x\n  bots: 65\n  mode: real\n');
  const error = failure(() => loadConfig(schema, { file: path }));
  expect(error.code).toBe('CONFIG.INVALID');
  expect(error.why).toContain(`${path}:4: 'signal.bots' is 65; allowed: integer 1 to 64.`);
  expect(error.why).toContain(`${path}:5: 'signal.mode' is "real"; allowed: one of live, paper.`);
});

test('refuses unknown keys and sections with the nearest name', async () => {
  const path = await file(
    'signal:\n  botz: 3\n  limits:\n    zzzzzz: 1\nsignl: {}\nlog:\n  levle: info\n',
  );
  const { why } = failure(() => loadConfig(schema, { file: path }));
  expect(why).toContain(`${path}:2: unknown key 'signal.botz'. Did you mean 'bots'?`);
  expect(why).toContain(
    `${path}:4: unknown key 'signal.limits.zzzzzz'. Known here: grossFraction.`,
  );
  expect(why).toContain(`${path}:5: unknown section 'signl'. Did you mean 'signal'?`);
  expect(why).toContain(`${path}:7: unknown key 'log.levle'. Did you mean 'level'?`);
});

test('accepts sections of others only when they are known', async () => {
  const path = await file('mine: {}\n');
  expect(failure(() => loadConfig(schema, { file: path })).why).toContain("unknown section 'mine'");
  expect(loadConfig(schema, { file: path, otherSections: ['mine'] }).config.signal.bots).toBe(4);
});

test('names the variable when the environment gave the value', () => {
  const environment = { CAPSTAN_SIGNAL__BOTS: '0', CAPSTAN_SIGNAL__BOT: '1' };
  const { why } = failure(() => loadConfig(schema, { environment }));
  expect(why).toContain("CAPSTAN_SIGNAL__BOTS: 'signal.bots' is 0; allowed: integer 1 to 64.");
  expect(why).toContain('CAPSTAN_SIGNAL__BOT names no key of the configuration.');
  expect(why).toContain("Did you mean 'CAPSTAN_SIGNAL__BOTS'?");
});

test('wraps secrets, from the environment or a mounted file, and never shows them', async () => {
  const path = await file('venues:\n  main:\n    kind: alpaca\n  other:\n    kind: alpaca\n');
  const environment = {
    CAPSTAN_VENUES__MAIN__API_KEY: 'abc-123456',
    CAPSTAN_VENUES__OTHER__API_KEY_FILE: await file('from-a-file\n', 'key'),
  };
  const { config, secrets } = loadConfig(schema, { file: path, environment });
  const { main } = config.venues;
  const key = main?.kind === 'alpaca' ? main.apiKey : undefined;
  expect(key).toBeInstanceOf(Secret);
  expect(key?.reveal()).toBe('abc-123456');
  expect(`${key} ${JSON.stringify(config)} ${inspect(config, { depth: 9 })}`).not.toContain('abc-');
  expect(secrets).toEqual(['abc-123456', 'from-a-file']);

  const bad = { ...environment, CAPSTAN_VENUES__OTHER__API_KEY_FILE: join(folder, 'absent') };
  expect(failure(() => loadConfig(schema, { file: path, environment: bad }))).toMatchObject({
    code: 'CONFIG.FILE',
    why: expect.stringMatching(/^CAPSTAN_VENUES__OTHER__API_KEY_FILE names .*absent.*ENOENT/),
  });
});

test('points at the section when a key in it is missing, and hides a secret of a wrong kind', async () => {
  const path = await file(
    'venues:\n  main:\n    kind: alpaca\n  two:\n    kind: alpaca\n    apiKey: 12345678\n',
  );
  const { why } = failure(() => loadConfig(schema, { file: path }));
  expect(why).toContain(`${path}:2: 'venues.main.apiKey' is missing; allowed: secret text.`);
  expect(why).toContain(`${path}:6: 'venues.two.apiKey' is [redacted]; allowed: secret text.`);
  expect(why).not.toContain('12345678');
});

test('finds unknown keys inside lists and unions', async () => {
  const listed = defineConfig({
    bots: z.array(z.object({ name: z.string().describe('Its name.') })).describe('The bots.'),
  });
  const path = await file('bots:\n  - name: a\n  - nam: b\n');
  const { why } = failure(() => loadConfig(listed, { file: path }));
  expect(why).toContain(`${path}:3: unknown key 'bots.1.nam'. Did you mean 'name'?`);
  expect(why).toContain("'bots.1.name' is missing; allowed: text.");
  const other = await file('venues:\n  main:\n    kind: paper\n    apiKey: x\n', 'b.yaml');
  expect(failure(() => loadConfig(schema, { file: other })).why).toContain(
    `${other}:4: unknown key 'venues.main.apiKey'. Known here: kind.`,
  );
});

test('explains refinements in their own words', () => {
  const refined = defineConfig({
    feeds: z.object({
      even: z
        .int()
        .refine((value) => value % 2 === 0, 'must be even')
        .default(2)
        .describe('An even number.'),
    }),
  });
  const { why } = failure(() => loadConfig(refined, { environment: { CAPSTAN_FEEDS__EVEN: '3' } }));
  expect(why).toContain("'feeds.even' is 3 (must be even); allowed: integer.");
});

test('refuses a file that is absent, not YAML, or not a map', async () => {
  const absent = failure(() => loadConfig(schema, { file: join(folder, 'absent.yaml') }));
  expect(absent).toMatchObject({ code: 'CONFIG.FILE', why: expect.stringContaining('ENOENT') });
  const broken = await file('signal:\n  bots: [1, 2\nx: 1\n', 'broken.yaml');
  expect(failure(() => loadConfig(schema, { file: broken }))).toMatchObject({
    code: 'CONFIG.SYNTAX',
    why: expect.stringMatching(/broken\.yaml:\d+:\d+ is not YAML/),
  });
  const list = await file('- 1\n', 'list.yaml');
  expect(failure(() => loadConfig(schema, { file: list })).code).toBe('CONFIG.SYNTAX');
  const empty = await file('', 'empty.yaml');
  expect(loadConfig(schema, { file: empty }).config.signal.bots).toBe(4);
  const hollow = await file('signal:\n', 'hollow.yaml');
  expect(loadConfig(schema, { file: hollow }).config.signal.bots).toBe(4);
});

test('refuses to define a key without a description', () => {
  expect(() => defineConfig({ signal: z.object({ bare: z.int().default(1) }) })).toThrow(
    'configuration key signal.bare is undescribed',
  );
});

test('explains every key with its default, range and variable', () => {
  const text = explainConfig(schema);
  expect(text).toContain(
    'signal.bots  (integer 1 to 64; default 4)\n    How many bots run at once.\n    CAPSTAN_SIGNAL__BOTS\n',
  );
  expect(text).toContain('signal.limits.grossFraction  (number at most 4 and above 0; default 1)');
  expect(text).toContain('server.httpPort  (integer 0 to 65535; default 8080)');
  expect(text).toContain('telemetry.otlpEndpoint  (text (uri); default none)');
  expect(text).toContain('signal.symbols  (list of text; default [])');
});

test('maps keys to variables and back', () => {
  expect(environmentName(['market-data', 'graceMs'])).toBe('CAPSTAN_MARKET_DATA__GRACE_MS');
  expect(environmentPath('CAPSTAN_MARKET_DATA__GRACE_MS')).toEqual(['MARKET_DATA', 'GRACE_MS']);
  expect(environmentPath('CAPSTAN_SUPERVISED')).toBeUndefined();
  expect(environmentPath('HOME')).toBeUndefined();
});

test('prefers the argument over the variable for the file', () => {
  expect(findConfigFile('a.yaml', { CAPSTAN_CONFIG: 'b.yaml' })).toBe('a.yaml');
  expect(findConfigFile(undefined, { CAPSTAN_CONFIG: 'b.yaml' })).toBe('b.yaml');
  expect(findConfigFile(undefined, {})).toBeUndefined();
});
