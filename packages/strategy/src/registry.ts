import { AppError } from '@capstan/domain';
import { bracketBreakout } from './bracket-breakout.ts';
import { donchianBreakout } from './donchian-breakout.ts';
import { ensemble } from './ensemble.ts';
import { maCross } from './ma-cross.ts';
import { marketFilter } from './market-filter.ts';
import { momentum } from './momentum.ts';
import { multiTimeframeCross } from './multi-timeframe-cross.ts';
import { didYouMean } from './nearest.ts';
import { rsiReversion } from './rsi-reversion.ts';
import type { Strategy } from './strategy.ts';
import { threeDayMomentum } from './three-day-momentum.ts';
import { vwapAtr } from './vwap-atr.ts';
import { vwapMa9Cross } from './vwap-ma9-cross.ts';

/** The strategies that come with Capstan, sorted by name. */
export const BUILT_IN_STRATEGIES: readonly Strategy[] = [
  bracketBreakout,
  donchianBreakout,
  ensemble,
  maCross,
  marketFilter,
  momentum,
  multiTimeframeCross,
  rsiReversion,
  threeDayMomentum,
  vwapAtr,
  vwapMa9Cross,
];

/** Strategies by name. Each process makes its own and registers what its user brings. */
export class StrategyRegistry {
  readonly #byName = new Map<string, Strategy>();

  constructor(strategies: readonly Strategy[] = BUILT_IN_STRATEGIES) {
    for (const strategy of strategies) this.register(strategy);
  }

  /** Adds a strategy. @throws STRATEGY.DUPLICATE when its name is taken. */
  register(strategy: Strategy): void {
    if (this.#byName.has(strategy.name)) {
      throw new AppError({
        code: 'STRATEGY.DUPLICATE',
        why: `a strategy named '${strategy.name}' is already registered.`,
        fix: 'Give this one another name.',
      });
    }
    this.#byName.set(strategy.name, strategy);
  }

  /** Returns the strategy of that name. @throws STRATEGY.UNKNOWN suggesting the nearest and listing all. */
  get(name: string): Strategy {
    const found = this.#byName.get(name);
    if (found !== undefined) return found;
    const names = [...this.#byName.keys()].sort();
    throw new AppError({
      code: 'STRATEGY.UNKNOWN',
      why: `no strategy named '${name}'.`,
      fix: `${didYouMean(name, names)}Known: ${names.join(', ')}.`,
    });
  }

  /** Returns all, sorted by name. */
  list(): readonly Strategy[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
