import { AppError } from '@capstan/domain';
import type { TradingMode } from '../endpoints.ts';
import { HTTP, requireAddress, WEB_SOCKET } from '../vendor-address.ts';
import { ALPACA_PREFIX, type Environment } from './credentials.ts';

/** Where Alpaca is reached. None ends in a slash. */
export interface AlpacaEndpoints {
  readonly tradingUrl: string;
  /** The whole address of the stream of order updates. */
  readonly tradingStreamUrl: string;
  readonly dataUrl: string;
  /** The host of the streams of market data, to which a feed's path is added. */
  readonly dataStreamUrl: string;
}

const TRADING_HOST: Readonly<Record<TradingMode, string>> = {
  paper: 'https://paper-api.alpaca.markets',
  live: 'https://api.alpaca.markets',
};
const DATA_URL = 'https://data.alpaca.markets';
const DATA_STREAM_URL = 'wss://stream.data.alpaca.markets';

/**
 * Finds where Alpaca is reached: its own hosts of the mode unless `<prefix>_BASE_URL`, `_DATA_URL` or `_DATA_STREAM_URL` name others,
 * such as an emulator's. Who asks for paper is never led to the host of live money, nor the other way round.
 * @throws VENUE.ENDPOINT where an address is none, or is the other mode's.
 */
export function alpacaEndpoints(
  environment: Environment,
  mode: TradingMode,
  prefix: string = ALPACA_PREFIX,
): AlpacaEndpoints {
  const given = (name: string, kinds: readonly string[]): string | undefined =>
    addressOf(`${prefix}_${name}`, environment[`${prefix}_${name}`] ?? '', kinds);
  const tradingUrl = (given('BASE_URL', HTTP) ?? TRADING_HOST[mode]).replace(/\/v2$/, '');
  const other = mode === 'paper' ? 'live' : 'paper';
  if (new URL(tradingUrl).host === new URL(TRADING_HOST[other]).host) {
    throw new AppError({
      code: 'VENUE.ENDPOINT',
      why: `${prefix}_BASE_URL is Alpaca's address for ${other} trading, and the account says 'mode: ${mode}'.`,
      fix: `Leave ${prefix}_BASE_URL out: the mode says which address is used.`,
    });
  }
  return {
    tradingUrl,
    tradingStreamUrl: `${tradingUrl.replace(/^http/, 'ws')}/stream`,
    dataUrl: (given('DATA_URL', HTTP) ?? DATA_URL).replace(/\/v2$/, ''),
    dataStreamUrl: given('DATA_STREAM_URL', WEB_SOCKET) ?? DATA_STREAM_URL,
  };
}

const addressOf = (name: string, text: string, protocols: readonly string[]): string | undefined =>
  text === '' ? undefined : requireAddress('Alpaca', { name, text }, protocols);
