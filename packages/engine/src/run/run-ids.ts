import { assert, deriveId, intentId, orderId, signalId, timeUs } from '@capstan/domain';
import { closingId } from '../account-closing.ts';
import { type RebalanceStep, rebalanceId } from '../account-rebalance.ts';
import type { BacktestResult, RunFollowUp } from './backtest-result.ts';
import { type BacktestSpec, runNames } from './backtest-spec.ts';
import { ORDER_CAUSES } from './order-columns.ts';

type NamedResult = Pick<
  BacktestResult,
  'symbols' | 'timelineUs' | 'orders' | 'fills' | 'followUps'
>;

/** Derives the ids that live trading gives, from the columns of a result. They cost a hash each: ask only for those shown. */
export class RunIds {
  readonly #spec: BacktestSpec;
  readonly #result: NamedResult;
  readonly #followUps: ReadonlyMap<number, RunFollowUp>;

  constructor(spec: BacktestSpec, result: NamedResult) {
    this.#spec = spec;
    this.#result = result;
    this.#followUps = new Map(result.followUps?.map((one) => [one.order, one]));
  }

  /** Returns the id of a symbol's signal at a slice. */
  signalId(symbolIndex: number, slice: number): string {
    const { runId, botId, configRevision } = runNames(this.#spec);
    return signalId({
      runId,
      botId,
      configRevision,
      symbol: this.#symbol(symbolIndex),
      timeframe: this.#spec.timeframe,
      barEndUs: timeUs(this.#result.timelineUs[slice] ?? Number.NaN),
      inputRevision: 0,
    });
  }

  /** Returns the id of the intent that an order came of; a protective order came of its entry's. */
  intentId(order: number): string {
    const { orders } = this.#result;
    const parent = orders.parent[order] ?? -1;
    if (parent >= 0) return this.intentId(parent);
    const { runId, accountId } = runNames(this.#spec);
    const symbolIndex = orders.symbolIndex[order] ?? -1;
    const slice = this.#followUps.get(order)?.signalSlice ?? orders.slice[order] ?? -1;
    const cause = ORDER_CAUSES[orders.cause[order] ?? 0];
    const key = { runId, accountId, symbol: this.#symbol(symbolIndex) };
    switch (cause) {
      case 'signal':
        return intentId({
          ...key,
          causeKind: 'signal',
          causeId: this.signalId(symbolIndex, slice),
        });
      case 'reduction':
      case 'addition':
        return intentId({
          ...key,
          causeKind: 'schedule',
          causeId: this.#rebalanceId(slice, cause),
        });
      case 'closing':
        return intentId({ ...key, causeKind: 'schedule', causeId: this.#closingId(slice) });
      default:
        return intentId({
          ...key,
          causeKind: 'command',
          causeId: commandId(this.#spec, cause, slice),
        });
    }
  }

  #rebalanceId(slice: number, step: RebalanceStep): string {
    const sliceEndUs = timeUs(this.#result.timelineUs[slice] ?? Number.NaN);
    return rebalanceId({ ...runNames(this.#spec), sliceEndUs }, step);
  }

  #closingId(slice: number): string {
    return closingId(runNames(this.#spec), timeUs(this.#result.timelineUs[slice] ?? Number.NaN));
  }

  /** Returns the id of an order. */
  orderId(order: number): string {
    const { orders } = this.#result;
    const leg = orders.leg[order] ?? 0;
    const parent = orders.parent[order] ?? -1;
    const attempt = this.#followUps.get(parent < 0 ? order : parent)?.attempt ?? 1;
    return orderId({ intentId: this.intentId(order), leg, attempt });
  }

  /** Returns the id of a fill: the simulated venue's execution id. */
  fillId(fill: number): string {
    const { fills } = this.#result;
    const order = fills.order[fill] ?? -1;
    let filled = 0;
    for (let earlier = fill; earlier >= 0; earlier -= 1) {
      if (fills.order[earlier] === order) filled += fills.quantity[earlier] ?? 0;
    }
    return deriveId('execution', runNames(this.#spec).accountId, this.orderId(order), filled);
  }

  #symbol(symbolIndex: number): string {
    const symbol = this.#result.symbols[symbolIndex];
    assert(symbol !== undefined, `a result has no symbol ${symbolIndex}`);
    return symbol;
  }
}

/** Names what a run itself commands: to flatten at a halt, to close at the end. */
export function commandId(spec: BacktestSpec, cause: string | undefined, slice: number): string {
  return deriveId('run-command', spec.runId, cause ?? '', slice);
}
