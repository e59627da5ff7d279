import { streaming } from '@alpacahq/alpaca-trade-api';
import type { AlpacaKey } from './credentials.ts';
import { type TradeUpdate, tradeUpdate } from './rows.ts';

/** What happens to one connection of the stream of order updates. It is made anew by who follows it. */
export interface TradeStreamEvents {
  /** From now on all updates are told. */
  listening(): void;
  update(update: TradeUpdate): void;
  /** Something came that cannot be read. */
  garbled(why: string): void;
  /** The connection is over. @param refused true where the keys were not taken. */
  ended(refused: boolean): void;
}

/**
 * Opens one connection through the vendor's SDK, which neither reconnects nor gives up by itself here: what was missed is to be looked
 * for with each connection, and keys may be others by then.
 */
export function openTradeStream(
  url: string,
  key: AlpacaKey,
  events: TradeStreamEvents,
): { close(): void } {
  const stream = new streaming.TradingStream({
    url,
    credentials: { keyId: key.keyId, secret: key.secretKey },
    reconnect: false,
  });
  let isOver = false;
  const end = async (): Promise<void> => {
    const { status } = await stream.whenAuthenticated();
    if (isOver) return;
    isOver = true;
    events.ended(status === streaming.STREAM_AUTH_STATUS.SERVER_REJECTED);
  };
  stream.onTradeUpdate((update) => {
    const parsed = tradeUpdate.safeParse(update);
    if (parsed.success) events.update(parsed.data);
    else events.garbled('an order update cannot be read');
  });
  stream.on('subscription', () => events.listening());
  stream.onConnect(() => stream.subscribeTradeUpdates());
  stream.onError((why) => events.garbled(String(why)));
  stream.onDisconnect(() => void end());
  stream.connect();
  return {
    close: () => {
      isOver = true;
      stream.disconnect();
    },
  };
}
