import { hasCode } from '@capstan/domain';
import { marketFailure } from '../../requests/market-failure.ts';
import type { AlpacaAnswers, AlpacaClients } from './alpaca-rest.ts';

/**
 * Tells an unknown symbol from one without data, as Alpaca answers both with nothing: each symbol that had nothing is looked up once
 * among its assets.
 */
export class KnownSymbols {
  readonly #clients: Pick<AlpacaClients, 'assets'>;
  readonly #answers: AlpacaAnswers;
  readonly #known = new Set<string>();

  constructor(clients: Pick<AlpacaClients, 'assets'>, answers: AlpacaAnswers) {
    this.#clients = clients;
    this.#answers = answers;
  }

  /** @throws MARKET.SYMBOL for one that Alpaca does not know. */
  async require(symbols: Iterable<string>, signal?: AbortSignal): Promise<void> {
    for (const symbol of symbols) if (!this.#known.has(symbol)) await this.#look(symbol, signal);
  }

  async #look(symbol: string, signal?: AbortSignal): Promise<void> {
    const asked = { what: `the symbol ${symbol}`, signal };
    const call = () =>
      this.#clients.assets.getV2AssetsSymbolOrAssetIdRaw(
        { symbolOrAssetId: symbol },
        signal === undefined ? {} : { signal },
      );
    try {
      await this.#answers.ask(asked, call, (text) => text);
    } catch (error) {
      // Keys of the other mode may read data and not assets: nothing is known then, and nothing is claimed.
      if (!hasCode(error, 'MARKET.SYMBOL') && !hasCode(error, 'MARKET.CREDENTIALS')) throw error;
      if (hasCode(error, 'MARKET.SYMBOL')) throw unknown(symbol, error);
    }
    this.#known.add(symbol);
  }
}

function unknown(symbol: string, cause: unknown) {
  return marketFailure('MARKET.SYMBOL', {
    why: `Alpaca does not know the symbol ${symbol}.`,
    fix: 'Write it as Alpaca does, such as BRK.B; a company that was renamed has its new symbol.',
    cause,
  });
}
