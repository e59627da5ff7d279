import type { ExchangeCore } from '@capstan/engine';
import type { SimWorld } from '@capstan/testkit/sim';

const LIMIT = 100_000;

/**
 * What closed for an exit that was watched never turned a position round and never added to one, and the ledgers sum up to what
 * the exchange has.
 * @returns how many orders closed for an exit.
 */
export async function checkWatched(
  { store }: SimWorld,
  runId: string,
  exchange: ExchangeCore,
): Promise<number> {
  const intents = await store.intents({ runId, limit: LIMIT });
  const causes = new Map(intents.map(({ intentId, causeKind }) => [intentId, causeKind]));
  const orders = await store.orders({ runId, limit: LIMIT });
  const closing = new Set(
    orders
      .filter(({ intentId }) => causes.get(intentId) === 'protection')
      .map(({ orderId }) => orderId),
  );
  const held = new Map<string, number>();
  const net = new Map<string, number>();
  const fills = await store.fills({ runId, limit: LIMIT });
  for (const fill of fills.toSorted((a, b) => a.accountSequence - b.accountSequence)) {
    const { botId, symbol, orderId } = fill;
    const key = `${botId} ${symbol}`;
    const change = fill.side === 'buy' ? fill.quantity : -fill.quantity;
    const before = held.get(key) ?? 0;
    const after = before + change;
    held.set(key, after);
    net.set(symbol, (net.get(symbol) ?? 0) + change);
    if (closing.has(orderId) && (after * before < 0 || Math.abs(after) > Math.abs(before))) {
      throw new Error(`order ${orderId} for an exit brought ${key} from ${before} to ${after}`);
    }
  }
  const positions = exchange.accountIds().flatMap((id) => exchange.account(id)?.positions ?? []);
  for (const symbol of new Set([...net.keys(), ...positions.map((one) => one.symbol)])) {
    const there = positions.find((one) => one.symbol === symbol)?.position.quantity ?? 0;
    if (there === (net.get(symbol) ?? 0)) continue;
    throw new Error(`the ledgers hold ${net.get(symbol)} of ${symbol}, the exchange ${there}`);
  }
  return closing.size;
}
