import { type CivilDate, dateOfDay, newYorkDayOf } from '@capstan/calendar';
import { type TimeUs, US_PER_DAY } from '@capstan/domain';
import type { FastifyRequest } from 'fastify';
import { PolygonRefusal } from './paging.ts';
import type { PolygonWorld } from './world.ts';

/** How far back a last trade or quote may lie. */
const LATELY_US = 5 * US_PER_DAY;

/** What all endpoints share: the world, its clock, and how answers look. */
export class PolygonDesk {
  readonly world: PolygonWorld;
  /** A delayed plan: answers say so, and know nothing younger than a quarter of an hour. */
  isDelayed = false;
  #nowUs: TimeUs;
  #requests = 0;

  constructor(world: PolygonWorld, nowUs: TimeUs) {
    this.world = world;
    this.#nowUs = nowUs;
  }

  /** The vendor's clock. */
  clockUs(): TimeUs {
    return this.#nowUs;
  }

  setClock(us: TimeUs): void {
    this.#nowUs = us;
  }

  /** Up to when answers know the market. */
  nowUs(): TimeUs {
    return (this.#nowUs - (this.isDelayed ? DELAY_US : 0)) as TimeUs;
  }

  today(): CivilDate {
    return dateOfDay(newYorkDayOf(this.#nowUs));
  }

  lately(): readonly [number, number] {
    return [this.nowUs() - LATELY_US, this.nowUs()];
  }

  /** The ticker of a path; one that nobody knows has no data. */
  tickerOf(request: FastifyRequest): string {
    return (request.params as Readonly<Record<string, string>>).ticker ?? '';
  }

  /** Wraps rows as the vendor does: no `results` where there are none, and the address of the next page where there is one. */
  answer(page: { readonly rows?: readonly unknown[]; readonly next?: string | undefined }): object {
    this.#requests += 1;
    return {
      status: this.isDelayed ? 'DELAYED' : 'OK',
      request_id: `request-${this.#requests}`,
      ...(page.rows === undefined || page.rows.length === 0 ? {} : { results: page.rows }),
      ...(page.next === undefined ? {} : { next_url: page.next }),
    };
  }

  /** Refuses a ticker that the market does not have. */
  known(ticker: string): string {
    if (this.world.has(ticker)) return ticker;
    throw new PolygonRefusal(404, 'Ticker not found.');
  }
}

const DELAY_US = 15 * 60 * 1_000_000;
