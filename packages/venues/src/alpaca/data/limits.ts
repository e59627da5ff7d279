import { assert } from '@capstan/domain';

/** Requests a minute that every plan grants: the market data of the free one, and trading. */
export const REQUESTS_PER_MINUTE = 200;
/** Points of a page of bars, trades or quotes. */
export const PAGE_POINTS = 10_000;
export const ACTIONS_PAGE = 1_000;
export const CONTRACTS_PAGE = 10_000;
export const CHAIN_PAGE = 1_000;
/** Pages of one question: more is a vendor that goes round in circles. */
export const PAGES_MAX = 100_000;
/** How often a page is asked for whose text is no JSON. */
export const PARSE_ATTEMPTS_MAX = 3;
/** Symbols of one question, by the length that an address may have. */
export const SYMBOLS_PER_REQUEST = 200;
/** Characters of an unreadable answer that a message shows. */
export const SHOWN_CHARACTERS_MAX = 120;

/** From opening a stream until the vendor has taken the key. */
export const HANDSHAKE_MS = 15_000;
/** From asking for symbols until the vendor has said that it sends them. */
export const CONFIRMATION_MS = 10_000;
/** The wait before a stream that broke off is opened again; it doubles with each failure. */
export const RECONNECT_MS = 1_000;
export const RECONNECT_MS_MAX = 64_000;
/** The same where another process holds the one connection that the plan has: it is not to be fought. */
export const TAKEN_MS = 30_000;
export const TAKEN_MS_MAX = 300_000;
/** During a session a stream that says nothing for so long is dead: its heartbeat symbol has a bar each minute. */
export const SILENCE_MS_MAX = 150_000;
/** How often it is looked at. */
export const WATCH_MS = 5_000;
/** A symbol that trades in every minute of a session. */
export const HEARTBEAT_SYMBOL = 'SPY';
/** Minutes for which the revisions of corrected bars are counted. */
export const REVISIONS_KEPT_MINUTES = 120;

/** After the end of a minute, until all of its bars can be asked for. */
export const SETTLE_MS = 5_000;
/** Between two attempts of a poll that failed. */
export const POLL_RETRY_MS = 5_000;
/** How often the vendor's clock is asked for while polling. */
export const CLOCK_CHECK_MS = 900_000;
/** Our own clocks that came apart by more were set, or stood still: the vendor's is asked for at once. */
export const CLOCK_SET_US = 1_000_000;
/** Minutes that a poll goes back at most for what it missed; what is older is for the history. */
export const POLL_BACK_MINUTES = 60;

assert(WATCH_MS < SILENCE_MS_MAX, 'silence is seen');
assert(SILENCE_MS_MAX > 120_000, 'a bar of every minute breaks the silence');
assert(RECONNECT_MS < TAKEN_MS && TAKEN_MS < TAKEN_MS_MAX, 'who is shut out waits longer');
