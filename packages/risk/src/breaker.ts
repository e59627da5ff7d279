import { type TimeUs, timeUs } from '@capstan/domain';

/**
 * The breaker of an account: it opens after so many failures at the venue in a row, and stays open until a person resets it.
 * While it is open nothing adds exposure.
 */
export interface Breaker {
  readonly open: boolean;
  /** Failures in a row so far: a venue's rejection, or no clear answer. */
  readonly failures: number;
  /** It opens with so many. */
  readonly failuresMax: number;
  /** The last failure, in words; empty where none is counted. */
  readonly reason: string;
  /** Since when it is open, or was reset. */
  readonly sinceUs: TimeUs;
}

/** A breaker that has seen no failure. */
export function closedBreaker(failuresMax: number, sinceUs: TimeUs = timeUs(0)): Breaker {
  return { open: false, failures: 0, failuresMax, reason: '', sinceUs };
}

/** Says in words that an open breaker lets nothing out that adds exposure. */
export function breakerReason({ failures, reason }: Breaker): string {
  return `the breaker is open after ${failures} failures in a row, the last: ${reason}`;
}

/** Writes a breaker as execution stores it for others. */
export function encodeBreaker(breaker: Breaker): string {
  return JSON.stringify(breaker);
}

/**
 * Reads a breaker as execution stored it.
 * @returns what cannot be read as open: fail closed.
 */
export function decodeBreaker(text: string): Breaker {
  const stored = parsed(text);
  const { open, failures, failuresMax, reason, sinceUs } = stored;
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value);
  if (typeof open !== 'boolean' || !isCount(failures) || !isCount(failuresMax)) {
    const why = 'what is stored of the breaker cannot be read';
    return { open: true, failures: 0, failuresMax: 0, reason: why, sinceUs: timeUs(0) };
  }
  return {
    open,
    failures,
    failuresMax,
    reason: typeof reason === 'string' ? reason : '',
    sinceUs: timeUs(isCount(sinceUs) ? sinceUs : 0),
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
