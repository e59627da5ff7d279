import { getCalendar } from '@capstan/calendar';
import { AppError, assert, cashMicros, MICROS_PER_UNIT, US_PER_MS } from '@capstan/domain';
import { EmulatorClock } from '../control/emulator-clock.ts';
import { FaultBook } from '../control/faults.ts';
import { type StateEntry, StateFile, type StoredState } from '../control/state-file.ts';
import { MarketPrices } from '../market/market-prices.ts';
import { MarketWorld } from '../market/market-world.ts';
import { MARKET_FIRST_DATE, MARKET_LAST_DATE } from '../market/session-days.ts';
import { type AccountInput, perform } from './account-inputs.ts';
import { AlpacaExchange } from './alpaca-exchange.ts';
import type { EmulatorContext } from './emulator-context.ts';
import {
  type AlpacaEmulatorOptions,
  EMULATOR_KEYS,
  type EmulatedAccount,
} from './emulator-options.ts';
import { KeyRing } from './keys.ts';
import type { AccountSettings, TradingAccount } from './trading/trading-account.ts';

const CASH = 100_000;

/** Puts an emulator together, with what a state file says was done before. @throws EMULATOR.OPTION, EMULATOR.STATE */
export function buildContext(options: AlpacaEmulatorOptions): EmulatorContext {
  const calendar = getCalendar('XNYS');
  const faults = new FaultBook();
  const seed = options.seed ?? 1;
  const world = new MarketWorld({
    ...{ calendar, seed, extendedHours: options.extendedHours ?? true },
    ...(options.symbols === undefined ? {} : { symbols: options.symbols }),
    ...(options.splits === undefined ? {} : { splits: options.splits }),
  });
  const prices = new MarketPrices(world, calendar);
  const accounts = options.accounts ?? [EMULATOR_KEYS];
  const file = options.stateFile === undefined ? undefined : new StateFile(options.stateFile);
  const stored = file?.open(
    { seed, symbols: world.symbols, accounts: accounts.map(({ keyId }) => ({ keyId })) },
    beginning(options),
  );
  const clock = clockOf(options, stored);
  const startUs = stored?.clock.startUs ?? clock.nowUs();
  if (!world.days.covers(startUs)) throw outside();
  const exchange = new AlpacaExchange(
    { calendar, world, prices, faults, startUs },
    accounts.map(settingsOf),
  );
  const keys = new KeyRing(
    accounts.map((given, index) => keyOf(given, exchange.accounts[index])),
    faults,
  );
  const now = (): number => {
    exchange.advance(clock.nowUs());
    return exchange.nowUs;
  };
  const keep = (entry: StateEntry): void => file?.add(entry);
  const act = (account: TradingAccount, input: AccountInput): unknown => {
    const atUs = now();
    const answer = perform(account, input, atUs);
    keep({ atUs, kind: 'input', accountId: account.settings.accountId, input });
    return answer;
  };
  for (const entry of stored?.entries ?? []) redo(exchange, faults, entry);
  return {
    ...{ calendar, world, prices, exchange, clock, faults, keys, now, act, keep },
    plan: options.plan ?? 'paid',
    openedAtUs: startUs,
  };
}

const outside = (): AppError =>
  new AppError({
    code: 'EMULATOR.OPTION',
    why: `the emulator's clock would start outside its market's years, ${MARKET_FIRST_DATE} to ${MARKET_LAST_DATE}.`,
    fix: 'Start it at a time between them.',
  });

function beginning({ clock }: AlpacaEmulatorOptions) {
  const wallUs = Date.now() * US_PER_MS;
  const speed = clock?.kind === 'real' ? (clock.speed ?? 1) : 1;
  const startUs = clock?.kind === 'given' ? clock.nowUs() : clock?.startUs;
  return { startUs: startUs ?? wallUs, wallUs, speed };
}

/** The time of a stored state has gone on with the wall's clock while nobody ran it; or stands where it stood, where it is stepped. */
function clockOf(options: AlpacaEmulatorOptions, stored: StoredState | undefined): EmulatorClock {
  const settings = options.clock ?? { kind: 'real' };
  if (stored === undefined || settings.kind === 'given') return new EmulatorClock(settings);
  const { startUs, wallUs, speed } = stored.clock;
  if (settings.kind === 'stepped') {
    return new EmulatorClock({ kind: 'stepped', startUs: stored.entries.at(-1)?.atUs ?? startUs });
  }
  const passedUs = (Date.now() * US_PER_MS - wallUs) * speed;
  return new EmulatorClock({ kind: 'real', startUs: Math.round(startUs + passedUs), speed });
}

function redo(exchange: AlpacaExchange, faults: FaultBook, entry: StateEntry): void {
  exchange.advance(entry.atUs);
  if (entry.kind === 'fault') faults.add(entry.fault);
  else if (entry.kind === 'clear') faults.clear(entry.of);
  else if (entry.kind === 'input') {
    const { accountId, input } = entry;
    const account = exchange.accounts.find(({ settings }) => settings.accountId === accountId);
    assert(account !== undefined, `no account ${accountId} in the state file's settings`);
    perform(account, input, entry.atUs);
  }
}

function settingsOf(given: EmulatedAccount, index: number): AccountSettings {
  return {
    accountId: given.keyId,
    accountNumber: `PA${String(index + 1).padStart(7, '0')}`,
    cashMicros: cashMicros(Math.round((given.cash ?? CASH) * MICROS_PER_UNIT)),
    multiplier: given.multiplier ?? 2,
    optionsLevel: given.optionsLevel ?? 3,
  };
}

function keyOf({ keyId, secretKey, token }: EmulatedAccount, account: TradingAccount | undefined) {
  assert(account !== undefined, `the key ${keyId} has an account`);
  return { keyId, secretKey, account, ...(token === undefined ? {} : { token }) };
}
