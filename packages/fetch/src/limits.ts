import { assert } from '@capstan/domain';

/** Bars that a chunk is planned for: a vendor's page. */
export const CHUNK_BARS = 10_000;
/** Symbols of a chunk: long spans of few bars are asked for together. */
export const CHUNK_SYMBOLS_MAX = 50;
/** Symbols of a chunk where many cost no more than one: as many as a month's minutes of them fit into memory, some times over. */
export const TOGETHER_SYMBOLS_MAX = 200;
/** Chunks on their way at once; a vendor's rate is kept by its adapter. */
export const CHUNKS_AT_ONCE = 8;
/** Bars in a day of trading with the hours around it, for the size of chunks alone. */
export const MINUTES_PER_DAY = 780;
export const TRADING_DAYS_PER_YEAR = 252;
/** A clock this far from the vendor's is told, and the vendor's counts. */
export const CLOCK_OFF_MS = 30_000;
/** Symbols of one question for corporate actions. */
export const ACTIONS_SYMBOLS_MAX = 100;
/** Dates that a note lists. */
export const LISTED_MAX = 8;
/** Symbols of a configuration. */
export const SYMBOLS_MAX = 10_000;

assert(CHUNK_SYMBOLS_MAX > 1, 'a chunk can hold several symbols');
