import { errors } from '@alpacahq/alpaca-trade-api';
import { AppError } from '@capstan/domain';
import { z } from 'zod';
import { type MarketCode, marketFailure } from '../../requests/market-failure.ts';
import { AnswerCutOff } from '../../requests/vendor-requests.ts';

/** What was asked, for the words of a failure. */
export interface Asked {
  /** Such as `bars of AAPL`. */
  readonly what: string;
  /** The feed, where one was asked for. */
  readonly feed?: string;
  /** Where the keys come from, for a person. */
  readonly keys: string;
  readonly signal?: AbortSignal | undefined;
}

/** Names a failure of Alpaca's client as the port does. The caller's own abort stays what it is. */
export function alpacaFailure(error: unknown, asked: Asked): unknown {
  if (asked.signal?.aborted === true) return asked.signal.reason;
  if (error instanceof AppError || error instanceof z.ZodError) return misread(error, asked);
  if (error instanceof errors.ApiError) return refusal(error, asked);
  const cause = error instanceof errors.FetchError ? error.cause : error;
  if (cause instanceof AnswerCutOff) {
    return marketFailure('MARKET.ANSWER', {
      why: `Alpaca's answer to ${asked.what} was cut off again and again.`,
      cause: error,
    });
  }
  return marketFailure('MARKET.UNAVAILABLE', {
    why: `Alpaca gave no answer to ${asked.what}: ${reasonOf(cause)}.`,
    fix: 'Look at the network and at status.alpaca.markets, then try again.',
    cause: error,
  });
}

/** What was read is not what the vendor says that it answers. */
function misread(error: AppError | z.ZodError, { what }: Asked): AppError {
  if (error instanceof AppError && error.code.startsWith('MARKET.')) return error;
  const said = error instanceof AppError ? error.why : z.prettifyError(error).replace(/\s+/g, ' ');
  return marketFailure('MARKET.ANSWER', {
    why: `Alpaca's answer to ${what} is not what it should be: ${said}`,
    cause: error,
  });
}

function refusal(error: InstanceType<typeof errors.ApiError>, asked: Asked): AppError {
  const said = error.message.replace(/\s+/g, ' ').slice(0, 300);
  const words = (code: MarketCode, why: string, fix: string): AppError =>
    marketFailure(code, {
      why: `Alpaca ${why}: ${said}.`.replace(/\.\.$/, '.'),
      fix,
      cause: error,
    });
  const { status } = error;
  const isEntitlement = /subscri|entitle|not permit|agreement|plan/i.test(said);
  if (status === 403 && isEntitlement) return unentitled(words, asked);
  if (status === 401 || status === 403) {
    return words(
      'MARKET.CREDENTIALS',
      `refuses the keys of ${asked.keys}`,
      'Check both; keys of a paper account and of a live one differ, and a key that was made anew has another secret.',
    );
  }
  if (status === 404 || (status < 500 && /invalid symbol|symbol not found/i.test(said))) {
    return words(
      'MARKET.SYMBOL',
      `does not know ${asked.what}`,
      'Write the symbol as Alpaca does.',
    );
  }
  if (status === 429) {
    return words(
      'MARKET.RATE',
      `goes on saying that it is asked too often for ${asked.what}`,
      'See what else uses these keys, or set a lower `requestsPerMinute`.',
    );
  }
  if (status >= 500) {
    return words(
      'MARKET.UNAVAILABLE',
      `failed by itself (${status}) at ${asked.what}`,
      'Look at status.alpaca.markets, then try again.',
    );
  }
  return words('MARKET.ANSWER', `refuses ${asked.what} (${status})`, 'Correct what it names.');
}

function unentitled(
  words: (code: MarketCode, why: string, fix: string) => AppError,
  { what, feed }: Asked,
): AppError {
  const why = `does not give ${what} to this plan`;
  if (feed === 'sip') {
    const fix =
      'Set `feed: iex`, which every plan has; or end the span at least 15 minutes ago; or take the plan with SIP data.';
    return words('MARKET.ENTITLEMENT', `${why} from the SIP feed`, fix);
  }
  if (feed === 'opra') {
    return words('MARKET.ENTITLEMENT', why, 'Set `optionsFeed: indicative`, which every plan has.');
  }
  return words('MARKET.ENTITLEMENT', why, 'Ask for what the plan has, or change the plan.');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${inner}`;
}
