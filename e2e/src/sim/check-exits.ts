import { type Fill, isExit, isTerminal, type Order } from '@capstan/domain';
import type { SimWorld } from '@capstan/testkit/sim';

const LIMIT = 100_000;

/** An exit fills no more than its bot holds, and none works where nothing is held. */
export async function checkExits({ store }: SimWorld, runId: string): Promise<void> {
  const orders = await store.orders({ runId, limit: LIMIT });
  const exits = new Map(orders.filter(isExit).map((order) => [order.orderId, order]));
  const fills = await store.fills({ runId, limit: LIMIT });
  const held = new Map<string, number>();
  const keyOf = ({ botId, symbol }: Order | Fill) => `${botId} ${symbol}`;
  for (const fill of fills.toSorted((a, b) => a.accountSequence - b.accountSequence)) {
    const before = held.get(keyOf(fill)) ?? 0;
    const after = before + (fill.side === 'buy' ? fill.quantity : -fill.quantity);
    held.set(keyOf(fill), after);
    if (
      exits.has(fill.orderId) &&
      (before === 0 || after * before < 0 || Math.abs(after) > Math.abs(before))
    ) {
      throw new Error(`exit ${fill.orderId} brought ${keyOf(fill)} from ${before} to ${after}`);
    }
  }
  for (const exit of exits.values()) {
    const against = (held.get(keyOf(exit)) ?? 0) * (exit.side === 'sell' ? 1 : -1);
    if (!isTerminal(exit.state) && against <= 0) {
      throw new Error(`exit ${exit.orderId} works, and nothing of ${keyOf(exit)} is held`);
    }
  }
}
