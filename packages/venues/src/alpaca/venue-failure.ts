import { AppError } from '@capstan/domain';
import { AnswerCutOff, RequestTimeout } from '../requests/vendor-requests.ts';
import { failureBody } from './rows.ts';

/** What an answer with a failure's status says. */
export interface Refused {
  readonly status: number;
  /** Alpaca's own; absent where the answer has none, as those of its gateway. */
  readonly code?: number;
  readonly message: string;
}

/** Reads a failure's answer; one that is no JSON says only its status. */
export async function readRefused(response: Response): Promise<Refused> {
  const { status } = response;
  const body = await response.text().catch(() => '');
  const parsed = failureBody.safeParse(parsedJson(body));
  if (!parsed.success) return { status, message: `status ${status}` };
  const { code, message } = parsed.data;
  const number = Number(code ?? Number.NaN);
  return {
    status,
    ...(Number.isSafeInteger(number) ? { code: number } : {}),
    message: message ?? `status ${status}`,
  };
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A refusal of the keys: 401, or a 403 of the gateway, which has none of the codes of a refused order. */
export const isOfKeys = ({ status, code }: Refused): boolean =>
  status === 401 || (status === 403 && code === undefined);

/** Says that Alpaca does not take the keys. @param masked the key id as it may be shown. */
export function keysRefused(
  masked: string,
  { status, message }: Pick<Refused, 'status' | 'message'>,
) {
  return new AppError({
    code: 'VENUE.CREDENTIALS',
    why: `Alpaca does not take the key ${masked} (${status}: ${message}).`,
    fix: 'Make a new key pair on its page, of paper or live as the account is, and set it; a mounted file is read again by itself.',
    retry: 'retryable',
  });
}

/** Says that nothing is known of what was asked: the answer did not come, or is no answer. */
export function unclear(what: string, error: unknown): AppError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const isLate = cause instanceof RequestTimeout;
  const why = isLate || cause instanceof AnswerCutOff ? cause.message : reasonOf(cause);
  return new AppError({
    code: isLate ? 'VENUE.TIMEOUT' : 'VENUE.UNAVAILABLE',
    why: `Alpaca did not say what became of the wish to ${what}: ${why}.`,
    fix: 'It is asked again.',
    retry: 'retryable',
  });
}

/** Says that an answer of a status that decides nothing came: 429 and 5xx above all. */
export function undecided(what: string, { status, message }: Refused): AppError {
  return unclear(what, new Error(`it answered ${status} (${message})`));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  const inner = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${inner}`;
}
