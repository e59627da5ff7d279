import type { IdScheme } from '@capstan/domain';

/**
 * Names for the loop of a backtest: unique within a run and cheap, where a hash would cost more than the rest of a decision.
 * Who wants the ids that live trading gives derives them from the columns, by `RunIds`.
 */
export const LOOP_IDS: IdScheme = {
  intentId: ({ causeKind, causeId, symbol }) =>
    causeKind === 'schedule' ? `${causeId} ${symbol}` : causeId,
  orderId: ({ intentId, leg, attempt }) => {
    const of = attempt === 1 ? intentId : `${intentId}#${attempt}`;
    return leg === 0 ? of : `${of}.${leg}`;
  },
  denialId: (causeId, policy) => `${causeId} ${policy}`,
};
