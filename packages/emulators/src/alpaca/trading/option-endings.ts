import { CONTRACT_SIZE } from '../../exchange/lazy-instruments.ts';
import { type ListedOption, parseOption } from '../../market/option-chain.ts';
import { nanosOfE4 } from '../../market/price-scale.ts';
import { unprocessable } from '../refusal.ts';
import type { AccountBook } from './account-book.ts';

/** How options that an account holds, or has written, end: exercised, assigned, or worth nothing. */
export class OptionEndings {
  readonly #book: AccountBook;
  readonly #cancelOrders: (symbol: string, atUs: number) => void;
  /** Options that are not to be exercised. */
  readonly #kept = new Set<string>();

  constructor(book: AccountBook, cancelOrders: (symbol: string, atUs: number) => void) {
    this.#book = book;
    this.#cancelOrders = cancelOrders;
  }

  /** Ends an option that has expired: what is in the money is exercised or assigned, at its strike. */
  expire(option: ListedOption, underlyingNanos: number, atUs: number): void {
    const { symbol, strikeE4 } = option;
    const held = this.#book.held(symbol);
    if (held === 0) return;
    this.#cancelOrders(symbol, atUs);
    const inMoney = (option.right === 'call' ? 1 : -1) * (underlyingNanos - nanosOfE4(strikeE4));
    const isKept = held > 0 && this.#kept.delete(symbol);
    if (inMoney <= 0 || isKept) this.#book.expire(symbol, 'OPEXP', atUs);
    else this.#deliver(option, atUs);
  }

  /** Exercises an option that is held. @throws Refusal */
  exercise(symbol: string, atUs: number): void {
    const option = this.#heldOption(symbol);
    this.#cancelOrders(symbol, atUs);
    this.#deliver(option, atUs);
  }

  /** Lets an option that is held end without being exercised. @throws Refusal */
  keep(symbol: string): void {
    this.#kept.add(this.#heldOption(symbol).symbol);
  }

  #heldOption(symbol: string): ListedOption {
    const option = parseOption(symbol);
    if (option !== undefined && this.#book.held(symbol) > 0) return option;
    throw unprocessable('only options that are held can be exercised');
  }

  #deliver(option: ListedOption, atUs: number): void {
    const held = this.#book.held(option.symbol);
    const shares = (option.right === 'call' ? held : -held) * CONTRACT_SIZE;
    this.#book.expire(option.symbol, held > 0 ? 'OPEXC' : 'OPASN', atUs);
    this.#book.deliver(option.underlying, shares, nanosOfE4(option.strikeE4), atUs);
  }
}
