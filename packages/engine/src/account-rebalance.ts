import {
  type CashMicros,
  cashMicros,
  type Denial,
  deriveId,
  type IdScheme,
  type Intent,
  type Mark,
  mulDivRound,
  type Quantity,
  quantity,
  type TimeUs,
} from '@capstan/domain';
import {
  type Change,
  type Holding,
  type PortfolioRule,
  planChanges,
  SIZING_POLICY,
  type Weight,
} from '@capstan/portfolio';
import type { DailyLoss, KillSwitch } from '@capstan/risk';
import type { AccountView } from './account-view.ts';

const BPS_PARTS = 10_000;

/** What a rebalance does first, and what once the first is done. */
export const REBALANCE_STEPS = ['reduction', 'addition'] as const;
export type RebalanceStep = (typeof REBALANCE_STEPS)[number];

/** Weights to be taken up at a slice, by one bot. */
export interface RebalanceRequest {
  readonly sliceEndUs: TimeUs;
  /** The run's clock: `sliceEndUs` in a playback. */
  readonly nowUs: TimeUs;
  readonly runId: string;
  readonly botId: string;
  readonly configRevision: number;
  /** Reductions where there are any, else additions; or, once the reductions are done, additions alone. */
  readonly steps: 'next' | 'addition';
  readonly rule: PortfolioRule;
  /** Of `allocate`, for symbols that have instruments. */
  readonly weights: readonly Weight[];
  readonly marks: readonly Mark[];
  readonly killSwitch: KillSwitch;
  /** Dividends earned and not paid yet, signed: equity counts them. 0 unless given. */
  readonly accruedMicros?: CashMicros;
  /** How the session goes, where the limits watch its loss. */
  readonly dailyLoss?: DailyLoss;
}

/** What a rebalance asks for, before limits. */
export interface RebalanceIntents {
  readonly step: RebalanceStep;
  /** Sorted by symbol. */
  readonly intents: readonly Intent[];
  /** Weights that nothing can be held by. */
  readonly denials: readonly Denial[];
}

/** What a rebalance is worked out with. */
export interface RebalanceContext {
  readonly accountId: string;
  readonly bufferBps: number;
  readonly ids: IdScheme;
}

/** Derives the id of what causes the orders of a step of a rebalance. */
export function rebalanceId(
  key: Pick<RebalanceRequest, 'runId' | 'botId' | 'configRevision' | 'sliceEndUs'>,
  step: RebalanceStep,
): string {
  return deriveId('rebalance', key.runId, key.botId, key.configRevision, key.sliceEndUs, step);
}

/** Works out what takes a bot's positions, with the orders that are out, to its weights. */
export function rebalanceIntents(
  request: RebalanceRequest,
  view: AccountView,
  context: RebalanceContext,
): RebalanceIntents {
  const { rule, weights } = request;
  const { bufferBps } = context;
  const keptMicros = mulDivRound(view.openNotionalMicros, bufferBps, BPS_PARTS);
  const changes = planChanges({
    rule,
    weights,
    holdings: weights.map(({ symbol }) => holdingOf(request.botId, symbol, view)),
    equityMicros: view.equityMicros,
    grossMicros: cashMicros(view.grossMicros + keptMicros),
    bufferBps,
  });
  const reducesFirst = request.steps === 'next' && changes.reductions.length > 0;
  const step = reducesFirst ? 'reduction' : 'addition';
  const causeId = rebalanceId(request, step);
  const chosen = reducesFirst ? changes.reductions : changes.additions;
  return {
    step,
    intents: chosen.map((change) => intentOf(change, { request, view, context, causeId })),
    denials: reducesFirst
      ? []
      : changes.refusals.map(({ symbol, reason }) => ({
          denialId: context.ids.denialId(`${causeId} ${symbol}`, SIZING_POLICY),
          runId: request.runId,
          accountId: context.accountId,
          botId: request.botId,
          symbol,
          causeKind: 'schedule',
          causeId,
          policy: SIZING_POLICY,
          reason,
          decidedAtUs: request.sliceEndUs,
        })),
  };
}

function holdingOf(botId: string, symbol: string, view: AccountView): Holding {
  const { positionQuantity, openBuyQuantity, openSellQuantity, priceNanos } = view.exposure(
    botId,
    symbol,
  );
  return {
    symbol,
    instrument: view.instrument(symbol),
    priceNanos,
    expectedQuantity: quantity(positionQuantity + openBuyQuantity - openSellQuantity),
  };
}

function intentOf(
  { symbol, delta }: Change,
  of: {
    readonly request: RebalanceRequest;
    readonly view: AccountView;
    readonly context: RebalanceContext;
    readonly causeId: string;
  },
): Intent {
  const { request, view, context, causeId } = of;
  const { runId, botId, sliceEndUs } = request;
  const { accountId, ids } = context;
  const exposure = view.exposure(botId, symbol);
  const side = delta > 0 ? 'buy' : 'sell';
  const reducible =
    side === 'buy'
      ? -exposure.positionQuantity - exposure.openBuyQuantity
      : exposure.positionQuantity - exposure.openSellQuantity;
  return {
    intentId: ids.intentId({ runId, accountId, symbol, causeKind: 'schedule', causeId }),
    runId,
    accountId,
    botId,
    symbol,
    causeKind: 'schedule',
    causeId,
    side,
    quantity: Math.abs(delta) as Quantity,
    type: 'market',
    timeInForce: 'day',
    reducing: Math.abs(delta) <= reducible,
    referencePriceNanos: exposure.priceNanos,
    decidedAtUs: sliceEndUs,
  };
}
