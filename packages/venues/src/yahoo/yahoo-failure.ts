import { AppError } from '@capstan/domain';
import { type MarketCode, marketFailure } from '../requests/market-failure.ts';
import { AnswerCutOff } from '../requests/vendor-requests.ts';

interface Asked {
  readonly symbol: string;
  readonly signal: AbortSignal | undefined;
}

const SAID_MAX = 200;

/** Names what Yahoo answers instead of a chart. */
export async function yahooRefusal(answer: Response, { symbol }: Asked): Promise<AppError> {
  const said = (await answer.text()).replace(/\s+/g, ' ').slice(0, SAID_MAX);
  const told = (code: MarketCode, why: string, fix: string): AppError =>
    marketFailure(code, { why: `Yahoo ${why} (${answer.status}): ${said}.`, fix });
  if (answer.status === 404) return unknown(symbol, said);
  if (answer.status === 429) {
    const fix = 'Wait an hour, or set a lower `requestsPerMinute`.';
    return told('MARKET.RATE', 'goes on saying that it is asked too often', fix);
  }
  if (answer.status >= 500) return told('MARKET.UNAVAILABLE', `failed at ${symbol}`, 'Try later.');
  return told('MARKET.ANSWER', `refuses the chart of ${symbol}`, 'Try another symbol or span.');
}

/** Names what kept an answer from coming whole. */
export function yahooSilence(error: unknown, { symbol, signal }: Asked): unknown {
  if (signal?.aborted === true) return signal.reason;
  const why = error instanceof Error ? error.message : String(error);
  const code = error instanceof AnswerCutOff ? 'MARKET.ANSWER' : 'MARKET.UNAVAILABLE';
  return marketFailure(code, {
    why: `Yahoo gave no whole answer about ${symbol}: ${why}.`,
    fix: 'Look at the network, then try again; Yahoo promises nothing to who asks without a key.',
    cause: error,
  });
}

/** Names what the client makes of an answer that came whole. */
export function yahooMisread(error: unknown, { symbol, signal }: Asked): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof AppError) return error;
  const why = error instanceof Error ? error.message : String(error);
  if (/no data found|may be delisted/i.test(why)) return unknown(symbol, why, error);
  return marketFailure('MARKET.ANSWER', {
    why: `Yahoo's answer about ${symbol} is not what it should be: ${why.slice(0, SAID_MAX)}.`,
    fix: 'Try again later; Yahoo promises nothing to who asks without a key.',
    cause: error,
  });
}

function unknown(symbol: string, why: string, cause?: unknown): AppError {
  return marketFailure('MARKET.SYMBOL', {
    why: `Yahoo does not know the symbol ${symbol}: ${why}.`,
    fix: 'Write it as Yahoo does, such as BRK-B or ^GSPC.',
    cause,
  });
}
