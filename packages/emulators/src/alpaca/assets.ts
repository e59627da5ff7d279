import type { MarketPrices } from '../market/market-prices.ts';
import type { MarketWorld } from '../market/market-world.ts';
import type { ListedOption } from '../market/option-chain.ts';
import { E4_PER_UNIT } from '../market/price-scale.ts';
import type { TradableAsset } from './trading/trading-account.ts';
import { derivedUuid } from './wire-text.ts';

/** What trades at the emulated Alpaca. */
export class Assets {
  readonly #world: MarketWorld;
  readonly #prices: MarketPrices;

  constructor(world: MarketWorld, prices: MarketPrices) {
    this.#world = world;
    this.#prices = prices;
  }

  /** Returns a share by its symbol or its id, or an option that has not expired; `undefined` where there is none. */
  find(name: string, atUs: number): TradableAsset | undefined {
    const symbol = this.#world.has(name) ? name : this.#symbolOf(name);
    if (symbol !== undefined) {
      const { fractionable, shortable } = this.#world.profile(symbol);
      const id = assetId(symbol);
      return { symbol, id, assetClass: 'us_equity', fractionable, shortable };
    }
    const option = this.#prices.option(name, atUs);
    if (option === undefined) return undefined;
    const id = assetId(name);
    return { symbol: name, id, assetClass: 'us_option', fractionable: false, shortable: true };
  }

  /** Writes a share as the API does. */
  json(symbol: string): Record<string, unknown> {
    const { name, exchange, fractionable, shortable } = this.#world.profile(symbol);
    return {
      id: assetId(symbol),
      class: 'us_equity',
      exchange,
      symbol,
      name,
      status: 'active',
      tradable: true,
      marginable: true,
      maintenance_margin_requirement: 30,
      margin_requirement_long: '30',
      margin_requirement_short: '100',
      shortable,
      easy_to_borrow: shortable,
      fractionable,
      attributes: ['has_options', ...(fractionable ? ['fractional_eh_enabled'] : [])],
    };
  }

  all(): readonly Record<string, unknown>[] {
    return this.#world.symbols.map((symbol) => this.json(symbol));
  }

  /** Writes an option's contract as the API does. */
  contractJson(option: ListedOption, atUs: number): Record<string, unknown> {
    const { symbol, underlying, right, expiration, strikeE4 } = option;
    const isActive = this.#prices.option(symbol, atUs) !== undefined;
    const type = right === 'call' ? 'Call' : 'Put';
    return {
      id: assetId(symbol),
      symbol,
      name: `${underlying} ${expiration} ${strikeE4 / E4_PER_UNIT} ${type}`,
      status: isActive ? 'active' : 'inactive',
      tradable: isActive,
      expiration_date: expiration,
      root_symbol: underlying,
      underlying_symbol: underlying,
      underlying_asset_id: assetId(underlying),
      type: right,
      style: 'american',
      strike_price: String(strikeE4 / E4_PER_UNIT),
      multiplier: '100',
      size: '100',
      ppind: true,
    };
  }

  #symbolOf(id: string): string | undefined {
    if (!id.includes('-')) return undefined;
    return this.#world.symbols.find((symbol) => assetId(symbol) === id);
  }
}

export const assetId = (symbol: string): string => derivedUuid('asset', symbol);
