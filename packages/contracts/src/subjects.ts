import { AppError, type Timeframe } from '@capstan/domain';

/**
 * Escapes a name so that it is one token of a subject: letters, digits, `-` and `_` stay; every other character becomes
 * `=` and its code point in hexadecimal, closed by `=`. `BRK.B` becomes `BRK=2e=B`.
 */
export function subjectToken(name: string): string {
  if (name === '')
    throw new AppError({ code: 'CONTRACTS.NAME', why: 'a name in a subject is empty.' });
  return name.replace(
    /[^A-Za-z0-9_-]/gu,
    (character) => `=${(character.codePointAt(0) ?? 0).toString(16)}=`,
  );
}

/** Reverses {@link subjectToken}. */
export function nameOfToken(token: string): string {
  return token.replace(/=([0-9a-f]+)=/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

const join = (...parts: readonly string[]): string => parts.join('.');

/** Every subject there is, in one place. */
export const subjects = {
  bar: (venue: string, symbol: string, timeframe: Timeframe) =>
    join('market', 'bar', subjectToken(venue), subjectToken(symbol), timeframe),
  /** All bars of a venue at a timeframe. */
  barsOfVenue: (venue: string, timeframe: Timeframe) =>
    join('market', 'bar', subjectToken(venue), '*', timeframe),
  /** All bars of a timeframe. */
  allBars: (timeframe: Timeframe) => join('market', 'bar', '*', '*', timeframe),
  quote: (venue: string, symbol: string) =>
    join('market', 'quote', subjectToken(venue), subjectToken(symbol)),
  /** All quotes of a venue, those of options left out. */
  quotesOfVenue: (venue: string) => join('market', 'quote', subjectToken(venue), '*'),
  option: (venue: string, underlying: string, contract: string) =>
    join('market', 'option', subjectToken(venue), subjectToken(underlying), subjectToken(contract)),
  /** Quotes of the options of an underlying. */
  optionsOf: (venue: string, underlying: string) =>
    join('market', 'option', subjectToken(venue), subjectToken(underlying), '*'),
  barsClosed: (feed: string) => join('market', 'closed', subjectToken(feed)),
  allBarsClosed: 'market.closed.*',
  signal: (botId: string) => join('trading', 'signal', subjectToken(botId)),
  allSignals: 'trading.signal.*',
  denied: (accountId: string) => join('trading', 'denied', subjectToken(accountId)),
  approved: (accountId: string) => join('trading', 'approved', subjectToken(accountId)),
  order: (accountId: string) => join('trading', 'order', subjectToken(accountId)),
  allOrders: 'trading.order.*',
  fill: (accountId: string) => join('trading', 'fill', subjectToken(accountId)),
  emergency: (accountId: string) => join('trading', 'emergency', subjectToken(accountId)),
  snapshot: (accountId: string) => join('position', 'snapshot', subjectToken(accountId)),
  drift: (accountId: string) => join('position', 'drift', subjectToken(accountId)),
  backtestWork: (workClass: string) => join('backtest', 'work', subjectToken(workClass)),
  backtestEvent: (jobId: string) => join('backtest', 'event', subjectToken(jobId)),
  session: (calendar: string) => join('control', 'session', subjectToken(calendar)),
  allSessions: 'control.session.*',
  /** A notice that a command row waits for the owner of `key`. */
  command: (key: string) => join('control', 'command', subjectToken(key)),
  anyCommand: 'control.command.*',
  /** A notice that a command has its answer. */
  commandDone: (key: string) => join('control', 'done', subjectToken(key)),
  anyCommandDone: 'control.done.*',
  rpc: (service: string, method: string) => join('rpc', service, method),
} as const;

/** The key-value key of an owner's lease: `/` stays, so that `risk/paper` reads as such. */
export function leaseKey(key: string): string {
  return key.split('/').map(subjectToken).join('/');
}

/** The header names of events. */
export const headerNames = {
  /** The producing owner's key. */
  producer: 'capstan-producer',
  /** The producer's outbox sequence. */
  sequence: 'capstan-sequence',
  eventId: 'capstan-event-id',
  correlationId: 'capstan-correlation-id',
  causationId: 'capstan-causation-id',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
} as const;
