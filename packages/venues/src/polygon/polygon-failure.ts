import { AppError } from '@capstan/domain';
import { type MarketCode, marketFailure } from '../requests/market-failure.ts';
import { AnswerCutOff } from '../requests/vendor-requests.ts';

/** What was asked, for the words of a failure. */
export interface Asked {
  /** Such as `1m bars of AAPL`. */
  readonly what: string;
  /** Where the key comes from, for a person. */
  readonly key: string;
}

const REFUSALS: Readonly<Record<number, readonly [MarketCode, string, string]>> = {
  401: [
    'MARKET.CREDENTIALS',
    'refuses the key',
    'Check it on the page of your account at Polygon.',
  ],
  403: [
    'MARKET.ENTITLEMENT',
    'does not give that to this plan',
    'Ask for what the plan holds (see docs/polygon.md), or change the plan.',
  ],
  404: ['MARKET.SYMBOL', 'does not know it', 'Write the symbol as Polygon does, such as BRK.B.'],
  429: [
    'MARKET.RATE',
    'goes on saying that it is asked too often',
    'See what else uses this key, or set a lower `requestsPerMinute`: a free plan has 5.',
  ],
};

/** Names a refusal by its status, with what the vendor says under `error` or `message`. */
export function polygonRefusal(status: number, text: string, { what, key }: Asked): AppError {
  const said = saidIn(text);
  const told = said === '' ? '' : `: ${said}`;
  const known = REFUSALS[status];
  if (known !== undefined) {
    const [code, words, fix] = known;
    const whose = code === 'MARKET.CREDENTIALS' ? ` of ${key}` : '';
    return marketFailure(code, {
      why: ended(`Polygon was asked for ${what} and ${words}${whose}${told}`),
      fix,
    });
  }
  if (status >= 500) {
    return marketFailure('MARKET.UNAVAILABLE', {
      why: ended(`Polygon failed by itself (${status}) at ${what}${told}`),
      fix: 'Look at its status page, then try again.',
    });
  }
  return marketFailure('MARKET.ANSWER', {
    why: ended(`Polygon refuses ${what} (${status})${told}`),
    fix: 'Correct what it names.',
  });
}

/** Names what kept an answer from coming; failures that have their name keep it. */
export function polygonFailure(error: unknown, { what }: Asked): unknown {
  if (error instanceof AppError)
    return error.code.startsWith('MARKET.') ? error : misread(error, what);
  if (error instanceof AnswerCutOff) {
    return marketFailure('MARKET.ANSWER', {
      why: `Polygon's answer to ${what} was cut off again and again.`,
      cause: error,
    });
  }
  return marketFailure('MARKET.UNAVAILABLE', {
    why: ended(`Polygon gave no answer to ${what}: ${reasonOf(error)}`),
    fix: 'Look at the network and at the status page of Polygon, then try again.',
    cause: error,
  });
}

/** What was read is not what the vendor says that it answers. */
export function misread(cause: unknown, what: string): AppError {
  const said = cause instanceof AppError ? cause.why : reasonOf(cause);
  return marketFailure('MARKET.ANSWER', {
    why: ended(`Polygon's answer to ${what} is not what it should be: ${said}`),
    cause,
  });
}

function saidIn(text: string): string {
  try {
    const body = JSON.parse(text) as { readonly error?: unknown; readonly message?: unknown };
    const said = body.error ?? body.message;
    return typeof said === 'string' ? said.replace(/\s+/g, ' ').slice(0, 300) : '';
  } catch {
    return '';
  }
}

const ended = (text: string): string => `${text.replace(/\.$/, '')}.`;

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${inner}`;
}
