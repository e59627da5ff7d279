import { NANOS_PER_UNIT } from '@capstan/domain';

/** The numbers of a bar as they stand in a page; prices in nanos. */
export interface ScannedBar {
  symbol: string;
  stamp: string;
  openNanos: number;
  highNanos: number;
  lowNanos: number;
  closeNanos: number;
  volume: number;
}

const QUOTE = 34;
const COMMA = 44;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN = 123;
const CLOSE = 125;
/** Codes of the letters that are the keys of a bar. */
const KEYS = { c: 99, h: 104, l: 108, o: 111, t: 116, v: 118 } as const;
const HEAD = '{"bars":{';
const DIGITS_MAX = 15;
const PLACES_MAX = 9;
const NANOS = Array.from({ length: PLACES_MAX + 1 }, (_, places) => NANOS_PER_UNIT / 10 ** places);

/** The text is not written as the scanner expects. */
const OTHER = Symbol('other');

/**
 * Reads the bars of a page straight from its text, without the objects that a JSON parser would make: half of what a fetch works is
 * this. It reads the one way in which Alpaca writes pages, and leaves any other to a parser.
 * @param onBar is given the same object for each bar.
 * @returns what follows the bars, as the text of a JSON object; `undefined` where the text is written otherwise: what was given is then to
 * be forgotten.
 */
export function scanBars(text: string, onBar: (bar: ScannedBar) => void): string | undefined {
  if (!text.startsWith(HEAD)) return undefined;
  try {
    const end = new BarScanner(text).scan(onBar);
    return text[end] === ','
      ? `{${text.slice(end + 1)}`
      : text.slice(end) === '}'
        ? '{}'
        : undefined;
  } catch (error) {
    if (error === OTHER) return undefined;
    throw error;
  }
}

class BarScanner {
  readonly #text: string;
  readonly #bar: ScannedBar = {
    ...{ symbol: '', stamp: '', openNanos: 0, highNanos: 0, lowNanos: 0, closeNanos: 0, volume: 0 },
  };
  #at = HEAD.length;
  /** Of the number that was read last. */
  #digits = 0;
  #places = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads all symbols. @returns the place after them. */
  scan(onBar: (bar: ScannedBar) => void): number {
    if (this.#takes(CLOSE)) return this.#at;
    do {
      this.#bar.symbol = this.#string();
      this.#expect(COLON);
      this.#expect(OPEN_LIST);
      if (this.#takes(CLOSE_LIST)) continue;
      do this.#object(onBar);
      while (this.#takes(COMMA));
      this.#expect(CLOSE_LIST);
    } while (this.#takes(COMMA));
    this.#expect(CLOSE);
    return this.#at;
  }

  #object(onBar: (bar: ScannedBar) => void): void {
    const bar = this.#bar;
    let seen = 0;
    this.#expect(OPEN);
    do {
      const key = this.#key();
      this.#expect(COLON);
      if (key === KEYS.t) {
        bar.stamp = this.#string();
        seen += 1;
        continue;
      }
      if (key === KEYS.o) bar.openNanos = this.#nanos();
      else if (key === KEYS.h) bar.highNanos = this.#nanos();
      else if (key === KEYS.l) bar.lowNanos = this.#nanos();
      else if (key === KEYS.c) bar.closeNanos = this.#nanos();
      else if (key === KEYS.v) bar.volume = this.#whole();
      else {
        this.#skip();
        continue;
      }
      seen += 1;
    } while (this.#takes(COMMA));
    this.#expect(CLOSE);
    if (seen !== 6) throw OTHER;
    onBar(bar);
  }

  /** Reads a key. @returns the code of its letter; 0 of one that has more: none of those is asked for. */
  #key(): number {
    const text = this.#text;
    const at = this.#at;
    const code = text.charCodeAt(at + 1);
    const isLetter = text.charCodeAt(at) === QUOTE && text.charCodeAt(at + 2) === QUOTE;
    if (!isLetter || code === QUOTE || code === BACKSLASH) {
      this.#string();
      return 0;
    }
    this.#at = at + 3;
    return code;
  }

  /** Reads a text without escapes. */
  #string(): string {
    this.#expect(QUOTE);
    const from = this.#at;
    const end = this.#text.indexOf('"', from);
    if (end === -1) throw OTHER;
    for (let at = from; at < end; at += 1) {
      if (this.#text.charCodeAt(at) === BACKSLASH) throw OTHER;
    }
    this.#at = end + 1;
    return this.#text.slice(from, end);
  }

  /** Reads a plain decimal that is not below zero into digits and places. */
  #number(): void {
    const text = this.#text;
    const from = this.#at;
    let at = from;
    let digits = 0;
    let pointAt = -1;
    for (; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === POINT && pointAt === -1) pointAt = at;
      else if (code >= ZERO && code < ZERO + 10) digits = digits * 10 + (code - ZERO);
      else if (code === COMMA || code === CLOSE) break;
      else throw OTHER;
    }
    const length = at - from - (pointAt === -1 ? 0 : 1);
    if (length < 1 || length > DIGITS_MAX) throw OTHER;
    this.#digits = digits;
    this.#places = pointAt === -1 ? 0 : at - pointAt - 1;
    this.#at = at;
  }

  /** Goes past a number that nobody asks for. */
  #skip(): void {
    for (let code = this.#text.charCodeAt(this.#at); code !== COMMA && code !== CLOSE; ) {
      if (!(code < CLOSE)) throw OTHER;
      this.#at += 1;
      code = this.#text.charCodeAt(this.#at);
    }
  }

  /** Reads a number of units without its fraction. */
  #whole(): number {
    this.#number();
    return Math.floor(this.#digits / 10 ** this.#places);
  }

  #nanos(): number {
    this.#number();
    const nanos = this.#digits * (NANOS[this.#places] ?? Number.NaN);
    if (!Number.isSafeInteger(nanos)) throw OTHER;
    return nanos;
  }

  #takes(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at += 1;
    return true;
  }

  #expect(code: number): void {
    if (!this.#takes(code)) throw OTHER;
  }
}
