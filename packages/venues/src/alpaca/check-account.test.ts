import { timeUs } from '@capstan/domain';
import { type AlpacaEmulator, EMULATOR_KEYS, startAlpacaEmulator } from '@capstan/emulators';
import { MemoryLog, VirtualClock } from '@capstan/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { emulatorClock } from './alpaca-harness.fixture.ts';
import { checkAlpacaAccount, type VenueFinding } from './check-account.ts';

const START_US = Date.UTC(2026, 0, 6, 15, 30) * 1_000;
let emulator: AlpacaEmulator | undefined;

afterEach(async () => {
  await emulator?.close();
});

async function check(
  plan: 'free' | 'paid',
  prepare: (one: AlpacaEmulator) => void = () => undefined,
  keys: Readonly<Record<string, string>> = {},
): Promise<readonly VenueFinding[]> {
  emulator = await startAlpacaEmulator({ plan, clock: { kind: 'stepped', startUs: START_US } });
  prepare(emulator);
  const environment = {
    ALPACA_BASE_URL: emulator.url,
    ALPACA_DATA_URL: emulator.url,
    ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
    ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
    ...keys,
  };
  const ports = { clock: emulatorClock(emulator), log: new MemoryLog(), environment };
  return await checkAlpacaAccount(ports, { mode: 'paper' });
}

const statesOf = (findings: readonly VenueFinding[]) =>
  findings.map(({ what, state }) => `${what} ${state}`);

describe('a check of an account at Alpaca', () => {
  it('names the key by four characters, the account, the clock and the data', async () => {
    const findings = await check('paid');
    expect(statesOf(findings)).toEqual(['keys fine', 'account fine', 'clock fine', 'data fine']);
    const text = findings.map((one) => one.text).join('\n');
    expect(text).toMatch(/EMUL… from ALPACA_KEY_ID and ALPACA_SECRET_KEY, at 127\.0\.0\.1/);
    expect(text).toMatch(/ACTIVE, 100000\.00 USD in cash/);
    expect(text).not.toContain(EMULATOR_KEYS.secretKey);
  });

  it('says which feed a free plan has', async () => {
    const found = (await check('free')).find(({ what }) => what === 'data');
    expect(found).toMatchObject({
      state: 'limited',
      fix: expect.stringContaining('`source: iex`'),
    });
  });

  it.each([
    ['hold', 'limited'],
    ['ignore', 'fine'],
  ] as const)(
    'lists positions that are there; where the account says %s that is %s',
    async (foreign, state) => {
      const rows = [
        { symbol: 'AAPL', qty: '12', side: 'long' },
        { symbol: 'TSLA', qty: '-3', side: 'short' },
      ];
      const answers: Readonly<Record<string, unknown>> = {
        '/v2/account': { cash: '57312', status: 'ACTIVE' },
        '/v2/positions': rows,
        '/v2/clock': { timestamp: '2026-01-06T10:30:00-05:00', is_open: true },
      };
      const send = (url: string) =>
        Promise.resolve(new Response(JSON.stringify(answers[new URL(url).pathname] ?? {})));
      const clock = new VirtualClock(timeUs(START_US));
      const environment = { ALPACA_KEY_ID: 'PK', ALPACA_SECRET_KEY: 'a' };
      const ports = { clock, log: new MemoryLog(), environment, send };
      const findings = await checkAlpacaAccount(ports, { mode: 'paper', foreign });
      const found = findings.find(({ what }) => what === 'positions');
      expect(found).toMatchObject({ state, text: '12 AAPL, short 3 TSLA' });
      expect(found?.fix?.includes('`foreign: ignore`') === true).toBe(state === 'limited');
      expect(statesOf(findings)).toContain('account fine');
    },
  );

  it('says that the clock is off', async () => {
    const findings = await check('paid', ({ control }) =>
      control.fault({ kind: 'clockOffset', offsetSeconds: 180 }),
    );
    expect(statesOf(findings)).toContain('clock wrong');
  });

  it('says that the keys are not taken, or missing, and nothing of the secret', async () => {
    const findings = await check('paid', undefined, { ALPACA_SECRET_KEY: 'canary-secret' });
    expect(findings).toContainEqual(
      expect.objectContaining({
        what: 'account',
        state: 'wrong',
        text: expect.stringMatching(/does not take the key EMUL…/),
      }),
    );
    expect(JSON.stringify(findings)).not.toContain('canary');
    await emulator?.close();
    expect(await check('paid', undefined, { ALPACA_SECRET_KEY: '' })).toMatchObject([
      {
        what: 'keys',
        state: 'wrong',
        text: expect.stringContaining('ALPACA_SECRET_KEY is not set'),
      },
    ]);
  });
});
