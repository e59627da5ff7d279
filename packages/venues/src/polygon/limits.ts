import { US_PER_DAY } from '@capstan/domain';

/** Rows of a page of aggregates, trades or quotes: the most that the vendor gives. */
export const PAGE_ROWS = 50_000;
/** Rows of a page of reference data. */
export const REFERENCE_ROWS = 1_000;
/** Options of a page of a chain. */
export const CHAIN_ROWS = 250;
/** Pages of one question: far beyond any, so that pages that lead in a circle end. */
export const PAGES_MAX = 10_000;
/** Reads of an answer that is no JSON. */
export const PARSE_ATTEMPTS_MAX = 3;
/** Characters of an unreadable answer that a message shows. */
export const SHOWN_CHARACTERS_MAX = 80;
/** Requests a minute unless told: what the vendor asks users of paid plans to stay under, 100 a second. */
export const POLYGON_PER_MINUTE = 6_000;
/** The vendor counts by minutes and does not say when one is over: who asked too often comes back in the next. */
export const RATE_WINDOW_MS = 60_000;

/** Channels of one subscription message. */
export const CHANNELS_PER_MESSAGE = 500;
/** From opening a socket to its greeting, from a login to its answer, from a subscription to its last confirmation. */
export const STREAM_STEP_MS = 10_000;
/** The wait before the second attempt at a connection; it doubles with each. */
export const RECONNECT_MS = 500;
export const RECONNECT_MS_MAX = 30_000;
/** While the market is open a stream with bars says something each minute: after this long without a word it is taken for dead. */
export const SILENCE_MS = 150_000;

/** When a day's flat file is due on the day after, in minutes of New York's day. */
export const FILE_DUE_MINUTE = 11 * 60;
/** Files come at about that time: who asks for all that there is asks so much later. */
export const FILE_MARGIN_MINUTES = 30;
/** How late it may be before there is none. */
export const FILE_LATE_US = 3 * US_PER_DAY;
/** Attempts of the S3 client at one request. */
export const S3_ATTEMPTS_MAX = 4;
/** Reads of a flat file that breaks off. */
export const DOWNLOAD_ATTEMPTS_MAX = 3;
export const DOWNLOAD_CONNECT_MS = 10_000;
/** A download that brings nothing for so long has broken off. */
export const DOWNLOAD_SILENCE_MS = 60_000;
