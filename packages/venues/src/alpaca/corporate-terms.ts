import { type Calendar, getCalendar } from '@capstan/calendar';
import {
  AppError,
  type MarketAction,
  type PriceNanos,
  type Split,
  type TimeUs,
  timeUs,
  US_PER_DAY,
} from '@capstan/domain';
import type { MarketDataVenue } from '@capstan/ports';

/** A split's activity may be dated a few days off its ex-date, over holidays. */
const SPLIT_DAYS = 7;
/** A dividend is paid weeks after its ex-date, some after months. */
const DIVIDEND_DAYS = 120;
const MS_PER_DAY = 86_400_000;

/**
 * What Alpaca's activities leave out of a corporate action, read of its market data: the ratio of a split, and who held a dividend's
 * shares, by its ex-date.
 */
export class CorporateTerms {
  readonly #data: Pick<MarketDataVenue, 'actions' | 'bars'>;
  readonly #calendar: Calendar = getCalendar('XNYS');

  constructor(data: Pick<MarketDataVenue, 'actions' | 'bars'>) {
    this.#data = data;
  }

  /**
   * Finds a split near a date, with the last close before it.
   * @param date `YYYY-MM-DD`.
   * @returns `undefined` where the vendor tells of none.
   * @throws VENUE.UNAVAILABLE while it cannot be asked.
   */
  async split(symbol: string, date: string): Promise<Split | undefined> {
    const near = await this.#actions(symbol, shifted(date, -SPLIT_DAYS), shifted(date, SPLIT_DAYS));
    const [nearest] = near
      .filter((one) => one.kind === 'split')
      .sort((a, b) => apart(a.exDate, date) - apart(b.exDate, date));
    if (nearest === undefined) return undefined;
    const closeNanos = await this.#closeBefore(symbol, nearest.exDate);
    if (closeNanos === undefined) return undefined;
    return { newShares: nearest.newUnits, oldShares: nearest.oldUnits, closeNanos };
  }

  /**
   * Finds the open of the ex-date of a dividend that was paid on a date.
   * @returns `undefined` where the vendor tells of none, or not when it is paid.
   * @throws VENUE.UNAVAILABLE while it cannot be asked.
   */
  async exAtUs(symbol: string, payDate: string): Promise<TimeUs | undefined> {
    const actions = await this.#actions(symbol, shifted(payDate, -DIVIDEND_DAYS), payDate);
    const paid = actions.find((one) => one.kind === 'dividend' && one.payDate === payDate);
    return paid === undefined ? undefined : this.#calendar.session(paid.exDate)?.openUs;
  }

  async #actions(symbol: string, fromDate: string, toDate: string): Promise<MarketAction[]> {
    const actions = await asked(async () => {
      const found: MarketAction[] = [];
      for await (const page of this.#data.actions({ symbols: [symbol], fromDate, toDate }))
        found.push(...page);
      return found.filter((one) => one.symbol === symbol);
    });
    return actions ?? [];
  }

  async #closeBefore(symbol: string, exDate: string): Promise<PriceNanos | undefined> {
    const exUs = Date.parse(`${exDate}T00:00:00Z`) * 1_000;
    const span = { fromUs: timeUs(exUs - SPLIT_DAYS * US_PER_DAY), toUs: timeUs(exUs) };
    return await asked(async () => {
      let last: PriceNanos | undefined;
      const wish = { symbols: [symbol], timeframe: '1d', adjustment: 'raw', ...span } as const;
      for await (const page of this.#data.bars(wish)) last = page.at(-1)?.closeNanos ?? last;
      return last;
    });
  }
}

/**
 * What passes is asked again by who asks: until then the activities wait. What does not pass, such as a plan without the data, says that
 * the vendor tells nothing.
 */
async function asked<Found>(ask: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.retry !== 'retryable') return undefined;
    throw new AppError({
      code: 'VENUE.UNAVAILABLE',
      why: `the terms of a corporate action cannot be read: ${error.why}`,
      fix: error.fix ?? 'They are asked for again.',
      retry: 'retryable',
      cause: error,
    });
  }
}

function shifted(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * MS_PER_DAY).toISOString().slice(0, 10);
}

const apart = (a: string, b: string): number => Math.abs(Date.parse(a) - Date.parse(b));
