import { InstrumentBook, timeUs } from '@capstan/domain';
import { MemoryLog, VirtualClock } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { VenueEndpoints } from './endpoints.ts';
import { brokerVendors } from './vendors.ts';

const CANARY = 'canary-secret-key';

function endpoints(
  environment: Readonly<Record<string, string>>,
  allowLive: boolean,
  replaces = false,
) {
  const vendors = brokerVendors(
    { clock: new VirtualClock(timeUs(0)), log: new MemoryLog(), environment },
    {
      paper: { address: '127.0.0.1:1', timeoutMs: 1 },
      alpaca: { requestsPerMinute: 200, share: 0.5, replaces },
      instruments: new InstrumentBook([]),
    },
  );
  return new VenueEndpoints(vendors, allowLive);
}

const account = { accountId: 'main', venue: 'alpaca' };
const keys = { ALPACA_KEY_ID: 'PKTEST', ALPACA_SECRET_KEY: CANARY };

it('reads no keys, and makes nothing, until an account asks for it', () => {
  expect(() => endpoints({}, false)).not.toThrow();
  expect(() => endpoints({}, false).of({ ...account, mode: 'paper' })).toThrow(
    /ALPACA_KEY_ID and ALPACA_SECRET_KEY are not set/,
  );
  expect(endpoints(keys, false).of({ ...account, mode: 'paper' }).capabilities).toMatchObject({
    numbersEvents: false,
  });
});

it('asks for live money only with both keys, and never at the address of the other mode', () => {
  expect(() => endpoints(keys, false).of({ ...account, mode: 'live' })).toThrow(/allowLive: true/);
  expect(endpoints(keys, true).of({ ...account, mode: 'live' })).toBeDefined();
  const astray = { ...keys, ALPACA_BASE_URL: 'https://api.alpaca.markets' };
  expect(() => endpoints(astray, true).of({ ...account, mode: 'paper' })).toThrow(/live trading/);
});

it('reads the keys of an account by its own name, and tells them to nobody', () => {
  const fund = { ...account, mode: 'paper', credentials: 'FUND' } as const;
  expect(() => endpoints(keys, false).of(fund)).toThrow(/FUND_KEY_ID and FUND_SECRET_KEY/);
  const environment = { FUND_KEY_ID: 'PKFUND', FUND_SECRET_KEY_FILE: '/nowhere' };
  expect(() => endpoints(environment, false).of(fund)).toThrow(/FUND_SECRET_KEY_FILE names/);
  const broker = endpoints(keys, false).of({ ...account, mode: 'paper' });
  expect(JSON.stringify(broker)).not.toContain(CANARY);
});

it('gives working orders new terms only where the installation says so', () => {
  const brokerOf = (replaces: boolean) =>
    endpoints(keys, false, replaces).of({ ...account, mode: 'paper' });
  expect(brokerOf(false).capabilities.replaces).toBe(false);
  expect(brokerOf(true).capabilities.replaces).toBe(true);
});

it('shares no connection between accounts that trade in other hours', () => {
  const made = endpoints(keys, false);
  const short = made.of({ ...account, mode: 'paper' });
  expect(made.of({ ...account, mode: 'paper', extendedHours: true })).not.toBe(short);
  expect(made.of({ ...account, mode: 'paper', extendedHours: false })).toBe(short);
});
