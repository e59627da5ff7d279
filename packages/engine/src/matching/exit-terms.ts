import {
  EXIT_LEGS,
  type IdScheme,
  type OrderTerms,
  type PriceNanos,
  type Quantity,
} from '@capstan/domain';

/** What an entry's exits are made of. */
export interface ExitBasis {
  readonly entry: OrderTerms;
  /** The most that they may come to protect. */
  readonly quantity: Quantity;
  /** At which the entry began to open the position: where a trail starts. */
  readonly entryPriceNanos: PriceNanos;
}

/**
 * Returns the terms of an entry's protective exits, by leg. They are orders of the entry's intent, good till cancelled, and end
 * with what they protect.
 */
export function exitTerms(
  { entry, quantity, entryPriceNanos }: ExitBasis,
  ids: Pick<IdScheme, 'orderId'>,
): readonly OrderTerms[] {
  const { stopPriceNanos, takeProfitPriceNanos, trailNanos, trailBps } = entry.exits ?? {};
  const terms: OrderTerms[] = [];
  const add = (
    leg: number,
    what: Pick<OrderTerms, 'type' | 'limitPriceNanos' | 'stopPriceNanos' | keyof TrailTerms>,
  ): void => {
    const { intentId, runId, accountId, botId, symbol, attempt, decidedAtUs, expiresAtUs } = entry;
    terms.push({
      orderId: ids.orderId({ intentId, leg, attempt }),
      ...{ intentId, runId, accountId, botId, symbol },
      side: entry.side === 'buy' ? 'sell' : 'buy',
      quantity,
      ...what,
      timeInForce: 'gtc',
      reducing: true,
      ...{ leg, attempt, decidedAtUs, expiresAtUs },
    });
  };
  if (stopPriceNanos !== undefined) add(EXIT_LEGS.stop, { type: 'stop', stopPriceNanos });
  if (takeProfitPriceNanos !== undefined) {
    add(EXIT_LEGS.takeProfit, { type: 'limit', limitPriceNanos: takeProfitPriceNanos });
  }
  const trailing = { type: 'trailingStop', activationPriceNanos: entryPriceNanos } as const;
  if (trailNanos !== undefined) add(EXIT_LEGS.trail, { ...trailing, trailNanos });
  else if (trailBps !== undefined) add(EXIT_LEGS.trail, { ...trailing, trailBps });
  return terms;
}

type TrailTerms = Pick<OrderTerms, 'trailNanos' | 'trailBps' | 'activationPriceNanos'>;
