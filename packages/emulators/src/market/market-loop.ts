import { type TimeUs, timeUs, US_PER_MINUTE } from '@capstan/domain';
import type { MarketWorld } from './market-world.ts';
import { SLOT_US, SLOTS_PER_MINUTE } from './minute-trades.ts';
import { PRE_MARKET_MINUTE, type TradingDay } from './session-days.ts';

/** Six seconds of a trading day. */
export interface Slot {
  readonly day: TradingDay;
  readonly minute: number;
  /** From 0. */
  readonly number: number;
  readonly startUs: number;
  readonly endUs: number;
}

/** Whom the market's time concerns. Each is told all that happens, in order, once. */
export interface MarketListener {
  /** Whether nobody minds trades and bars now; days and sessions are told all the same. */
  readonly isIdle: boolean;
  /** Trading before the open begins. */
  onDay(day: TradingDay): void;
  onOpen(day: TradingDay): void;
  onSlot(slot: Slot): void;
  onMinute(day: TradingDay, minute: number): void;
  /** The session has closed. */
  onClose(day: TradingDay): void;
  /** Trading after the close has ended. */
  onDayEnd(day: TradingDay): void;
}

/** Lets the market's time pass: in whatever steps it does, the same happens. */
export class MarketLoop {
  readonly #world: MarketWorld;
  readonly #listener: MarketListener;
  #doneUs: number;

  constructor(world: MarketWorld, listener: MarketListener, fromUs: number) {
    this.#world = world;
    this.#listener = listener;
    this.#doneUs = fromUs;
  }

  get doneUs(): TimeUs {
    return timeUs(this.#doneUs);
  }

  /** Tells all that happens until a time, which included. A time that has passed changes nothing. */
  advance(toUs: number): void {
    const { days } = this.#world;
    let index = days.firstEndingAfter(this.#doneUs - 1);
    while (this.#doneUs < toUs && index < days.all.length) {
      const day = days.at(index);
      if (day.midnightUs + PRE_MARKET_MINUTE * US_PER_MINUTE > toUs) break;
      this.#walk(day, toUs);
      index += 1;
    }
    this.#doneUs = Math.max(this.#doneUs, toUs);
  }

  #walk(day: TradingDay, toUs: number): void {
    const listener = this.#listener;
    const since = Math.floor((this.#doneUs - day.midnightUs) / US_PER_MINUTE);
    for (let minute = Math.max(PRE_MARKET_MINUTE, since); minute <= day.lastMinute; minute += 1) {
      const startUs = day.midnightUs + minute * US_PER_MINUTE;
      if (startUs > toUs) return;
      if (startUs > this.#doneUs) {
        this.#doneUs = startUs - 1;
        this.#reach(day, minute);
      }
      if (minute === day.lastMinute) break;
      if (!listener.isIdle) this.#slots(day, minute, startUs, toUs);
      const endUs = startUs + US_PER_MINUTE;
      if (endUs > toUs) return;
      if (endUs > this.#doneUs && !listener.isIdle) listener.onMinute(day, minute);
      this.#doneUs = Math.max(this.#doneUs, endUs - 1);
    }
  }

  #reach(day: TradingDay, minute: number): void {
    if (minute === PRE_MARKET_MINUTE) this.#listener.onDay(day);
    if (minute === day.openMinute) this.#listener.onOpen(day);
    if (minute === day.closeMinute) this.#listener.onClose(day);
    if (minute === day.lastMinute) this.#listener.onDayEnd(day);
  }

  #slots(day: TradingDay, minute: number, minuteUs: number, toUs: number): void {
    for (let number = 0; number < SLOTS_PER_MINUTE; number += 1) {
      const startUs = minuteUs + number * SLOT_US;
      const endUs = startUs + SLOT_US;
      if (endUs <= this.#doneUs) continue;
      if (endUs > toUs) return;
      this.#listener.onSlot({ day, minute, number, startUs, endUs });
      this.#doneUs = endUs - 1;
    }
  }
}
