import { AppError, formatCash, InstrumentBook, US_PER_MS } from '@capstan/domain';
import type { Clock, ForeignRule, Log } from '@capstan/ports';
import type { TradingMode } from '../endpoints.ts';
import { RequestBudget } from '../requests/request-budget.ts';
import type { SendRequest } from '../requests/vendor-requests.ts';
import type { Environment } from '../secret-source.ts';
import { AlpacaApi } from './alpaca-api.ts';
import { Amounts, cashOf } from './amounts.ts';
import { alpacaEndpoints } from './connection.ts';
import { readAlpacaCredentials } from './credentials.ts';
import { AlpacaData } from './data/alpaca-data.ts';
import type { AlpacaFeed } from './data/feeds.ts';
import { CALL_TIMEOUT_MS, REQUESTS_PER_MINUTE } from './limits.ts';
import { type AccountRow, accountRow, clockRow, type PositionRow, positionRows } from './rows.ts';

/** What was found of a venue for an account. */
export interface VenueFinding {
  /** What was looked at, such as `account` or `clock`. */
  readonly what: string;
  readonly state: 'fine' | 'limited' | 'wrong';
  /** What was found, in words. */
  readonly text: string;
  /** What to do, where something is wrong. */
  readonly fix?: string;
}

export interface AlpacaCheckPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly environment: Environment;
  readonly send?: SendRequest;
}

/** Beyond this orders and sessions are judged by a wrong time. */
const CLOCK_OFF_MS = 2_000;

/**
 * Asks Alpaca for as little as possible: whether it takes the keys, what the account may do, how its clock stands, and which market data
 * the plan has. What is missing or wrong is a finding, never thrown.
 */
export async function checkAlpacaAccount(
  ports: AlpacaCheckPorts,
  of: {
    readonly mode: TradingMode;
    readonly credentials?: string | undefined;
    /** What becomes of positions that are there already. */
    readonly foreign?: ForeignRule | undefined;
  },
): Promise<readonly VenueFinding[]> {
  const { clock, environment, send } = ports;
  try {
    const credentials = readAlpacaCredentials(environment, of.credentials);
    const endpoints = alpacaEndpoints(environment, of.mode, of.credentials);
    const host = new URL(endpoints.tradingUrl).host;
    const keys = `${credentials.masked} from ${credentials.source}, at ${host} (${of.mode})`;
    const budget = new RequestBudget(clock, { perMinute: REQUESTS_PER_MINUTE });
    const asking = { clock, budget, ...(send === undefined ? {} : { send }) };
    const api = new AlpacaApi(asking, { endpoints, credentials, timeoutMs: CALL_TIMEOUT_MS });
    const data = (feed: AlpacaFeed): Promise<void> =>
      new AlpacaData(
        { ...asking, log: ports.log },
        { endpoints, credentials, feed, optionsFeed: 'indicative', stream: 'poll' },
      ).check();
    const key: VenueFinding = { what: 'keys', state: 'fine', text: keys };
    return [key, ...(await accountFindings(api, clock, of.foreign)), await dataFinding(data)];
  } catch (error) {
    return [wrong('keys', error)];
  }
}

async function accountFindings(
  api: AlpacaApi,
  clock: Clock,
  foreign: ForeignRule | undefined,
): Promise<readonly VenueFinding[]> {
  try {
    const row = await api.read('read the account', accountRow, ({ account }) =>
      account.getAccountRaw(),
    );
    const held = await api.read('list positions', positionRows, ({ positions }) =>
      positions.getAllOpenPositionsRaw(),
    );
    return [
      accountFinding(row),
      ...held.slice(0, 1).map(() => positionsFinding(held, foreign)),
      await clockFinding(api, clock),
    ];
  } catch (error) {
    return [wrong('account', error)];
  }
}

function accountFinding(row: AccountRow): VenueFinding {
  const { account_number: number, status, currency, shorting_enabled: shorts } = row;
  const options = row.options_trading_level ?? 0;
  const text = [
    `${number ?? 'account'} ${status ?? ''}`.trim(),
    `${formatCash(cashOf(row.cash))} ${currency ?? 'USD'} in cash`,
    shorts === true ? 'short sales' : 'no short sales',
    options > 0 ? `options of level ${options}` : 'no options',
  ].join(', ');
  const isBlocked = row.trading_blocked === true || row.account_blocked === true;
  if (isBlocked || row.trade_suspended_by_user === true) {
    const fix = 'See the account on its page at Alpaca: it may not trade now.';
    return { what: 'account', state: 'wrong', text: `${text}; trading is blocked`, fix };
  }
  return { what: 'account', state: 'fine', text };
}

/** What the account holds already: nothing says whether Capstan bought it. */
function positionsFinding(
  held: readonly PositionRow[],
  foreign: ForeignRule | undefined,
): VenueFinding {
  const text = held
    .map(({ symbol, qty, side }) =>
      side === 'short' ? `short ${qty.replace('-', '')} ${symbol}` : `${qty} ${symbol}`,
    )
    .join(', ');
  if (foreign === 'ignore') return { what: 'positions', state: 'fine', text };
  const fix =
    'What Capstan has not bought, sell before it trades here, or set `foreign: ignore` for the account: it adds nothing in these symbols else.';
  return { what: 'positions', state: 'limited', text, fix };
}

async function clockFinding(api: AlpacaApi, clock: Clock): Promise<VenueFinding> {
  const askedUs = clock.nowUs();
  const { timestamp, is_open: isOpen } = await api.read('tell the time', clockRow, (groups) =>
    groups.clock.legacyClockRaw(),
  );
  const venueUs = new Amounts(new InstrumentBook([])).time(timestamp) ?? askedUs;
  const answeredUs = clock.nowUs();
  // It read its clock at some time in between: only what lies beyond is surely an offset.
  const offMs = Math.max(0, askedUs - venueUs, venueUs - answeredUs) / US_PER_MS;
  const market = isOpen ? 'the market is open' : 'the market is closed';
  const text = `${Math.round(offMs)} ms apart from ours at the least; ${market}`;
  if (offMs <= CLOCK_OFF_MS) return { what: 'clock', state: 'fine', text };
  return { what: 'clock', state: 'wrong', text, fix: "Set this machine's clock by NTP." };
}

/** Every plan has IEX; who has SIP pays for it. */
async function dataFinding(check: (feed: AlpacaFeed) => Promise<void>): Promise<VenueFinding> {
  try {
    await check('sip');
    return { what: 'data', state: 'fine', text: 'SIP: all exchanges, in real time' };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'MARKET.ENTITLEMENT')
      return wrong('data', error);
  }
  try {
    await check('iex');
    const text = 'IEX alone in real time: a few percent of the volume; SIP after 15 minutes';
    return {
      what: 'data',
      state: 'limited',
      text,
      fix: 'Set `source: iex` for live feeds of Alpaca, and `feed: iex` to fetch from it.',
    };
  } catch (error) {
    return wrong('data', error);
  }
}

function wrong(what: string, error: unknown): VenueFinding {
  if (!(error instanceof AppError)) throw error;
  const { why, fix } = error;
  return { what, state: 'wrong', text: why, ...(fix === undefined ? {} : { fix }) };
}
