import type { Intent } from '@capstan/domain';
import type { AccountView } from './account-view.ts';

/** A bot in a symbol. */
export interface ExitPlace {
  readonly botId: string;
  readonly symbol: string;
}

/**
 * Where protective exits may stand at the venue: from the approval of an order with exits until its bot is flat, has nothing out, and
 * is approved something without them.
 */
export class ExitPlaces {
  readonly #places = new Map<string, ExitPlace>();

  /** @param places of an earlier account. */
  constructor(places: readonly ExitPlace[] = []) {
    for (const place of places) this.#places.set(keyOf(place), place);
  }

  /** Notes an intent that is approved. @param view as it was before. */
  note({ botId, symbol, exits }: Intent, view: AccountView): void {
    if (exits !== undefined) {
      this.#places.set(keyOf({ botId, symbol }), { botId, symbol });
      return;
    }
    if (this.#places.size === 0) return;
    const { positionQuantity, openBuyQuantity, openSellQuantity } = view.exposure(botId, symbol);
    const isGone = positionQuantity === 0 && openBuyQuantity + openSellQuantity === 0;
    if (isGone) this.#places.delete(keyOf({ botId, symbol }));
  }

  has(place: ExitPlace): boolean {
    return this.#places.has(keyOf(place));
  }

  /** All of them, sorted. */
  all(): readonly ExitPlace[] {
    return [...this.#places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
  }
}

const keyOf = ({ botId, symbol }: ExitPlace): string => `${botId}\n${symbol}`;
