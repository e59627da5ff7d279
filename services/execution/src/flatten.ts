import {
  deriveId,
  type InstrumentBook,
  type Intent,
  InvariantError,
  intentId,
  type Order,
  type OrderSide,
  openQuantity,
  type Quantity,
  quantity,
  type TimeUs,
  ZERO_CASH,
} from '@capstan/domain';
import { HOUSE } from '@capstan/engine';
import {
  approveReduction,
  type Evaluation,
  type KillSwitch,
  type ReducingOrder,
  type RiskLimits,
  type RiskView,
} from '@capstan/risk';
import type { Flattening, Holding } from './state.ts';

/** Under whom what no bot of Capstan holds is flattened. */
export const FOREIGN_BOT = HOUSE;

export interface FlattenRequest {
  readonly runId: string;
  readonly accountId: string;
  readonly holdings: readonly Holding[];
  /** Orders that have not ended: what they may still take is left to them. */
  readonly working: readonly Order[];
  readonly killSwitch: KillSwitch;
  readonly flattening: Flattening;
  /** What asks for it: rounds of two never share an id. */
  readonly journal: 'kill' | 'emergency' | `command ${string}`;
  /** `command` unless told. */
  readonly cause?: 'protection';
  readonly instruments: InstrumentBook;
  readonly limits: RiskLimits;
  readonly decidedAtUs: TimeUs;
}

export interface FlattenOrder {
  readonly intent: Intent;
  readonly verdict: Evaluation<ReducingOrder>;
}

/**
 * Makes the orders that bring every holding to zero, less what orders out may reduce it by, each approved as reducing. The ids
 * follow from the kill and the round: the same round never makes two.
 */
export function flattenOrders(request: FlattenRequest): readonly FlattenOrder[] {
  const view = reductionView(request);
  return request.holdings.flatMap((holding) => {
    const side = holding.quantity > 0 ? 'sell' : 'buy';
    const left = Math.abs(holding.quantity) - outQuantity(request, holding, side);
    if (left <= 0) return [];
    const intent = intentOf(request, holding, side, quantity(left));
    return [{ intent, verdict: approveReduction(intent, view, request.limits) }];
  });
}

function outQuantity(
  { working }: Pick<FlattenRequest, 'working'>,
  { botId, symbol }: Holding,
  side: OrderSide,
): Quantity {
  const out = working.filter(
    (order) => order.botId === botId && order.symbol === symbol && order.side === side,
  );
  return quantity(out.reduce((sum, order) => sum + openQuantity(order), 0));
}

function intentOf(
  request: FlattenRequest,
  holding: Holding,
  side: OrderSide,
  amount: Quantity,
): Intent {
  const { runId, accountId, flattening, journal, decidedAtUs } = request;
  const { botId, symbol, priceNanos } = holding;
  const { sinceUs, round } = flattening;
  const causeKind = request.cause ?? 'command';
  const causeId = deriveId(journal, accountId, sinceUs, round, botId);
  return {
    intentId: intentId({ runId, accountId, symbol, causeKind, causeId }),
    ...{ runId, accountId, botId, symbol, causeKind, causeId },
    side,
    quantity: amount,
    type: 'market',
    timeInForce: 'day',
    reducing: true,
    referencePriceNanos: priceNanos,
    decidedAtUs,
  };
}

/** The account as what only reduces needs it: what is held and what is out. */
export function reductionView(
  request: Pick<
    FlattenRequest,
    'accountId' | 'holdings' | 'working' | 'killSwitch' | 'instruments'
  >,
): RiskView {
  const { accountId, holdings, killSwitch, instruments } = request;
  return {
    accountId,
    killSwitch,
    equityMicros: ZERO_CASH,
    freeCashMicros: ZERO_CASH,
    openNotionalMicros: ZERO_CASH,
    grossMicros: ZERO_CASH,
    exposures: () => [],
    mark: () => undefined,
    exposure: (botId, symbol) => {
      const held = holdings.find((one) => one.botId === botId && one.symbol === symbol);
      if (held === undefined) throw new InvariantError(`${botId} holds nothing in ${symbol}`);
      return {
        botId,
        symbol,
        positionQuantity: held.quantity,
        openBuyQuantity: outQuantity(request, held, 'buy'),
        openSellQuantity: outQuantity(request, held, 'sell'),
        priceNanos: held.priceNanos,
      };
    },
    symbolMicros: () => ZERO_CASH,
    instrument: (symbol) => instruments.get(symbol),
    calendar: () => {
      throw new InvariantError('what only reduces asks for no calendar');
    },
  };
}
