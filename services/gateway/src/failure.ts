import { AppError } from '@capstan/domain';
import type { GatewayErrorCode } from './error-codes.ts';

/** What a failure looks like to whoever asked. Never holds a stack. */
export interface Failure {
  readonly status: number;
  readonly body: { readonly code: string; readonly why: string; readonly fix: string };
}

const STATUS: Readonly<Record<string, number>> = {
  'GATEWAY.REQUEST': 400,
  'NUMBER.FORMAT': 400,
  'GATEWAY.TOKEN': 401,
  'GATEWAY.ROLE': 403,
  'GATEWAY.ORIGIN': 403,
  'GATEWAY.NOT_FOUND': 404,
  'GATEWAY.REFUSED': 409,
  'GATEWAY.CONTENT_TYPE': 415,
  'GATEWAY.RATE': 429,
  'GATEWAY.VIEWERS': 503,
  'RPC.TIMEOUT': 504,
  'RPC.UNAVAILABLE': 503,
  'RPC.INTERNAL': 502,
  'CONTRACTS.MALFORMED': 502,
  'STORE.UNAVAILABLE': 503,
  'BUS.UNAVAILABLE': 503,
};

/**
 * Turns what was thrown into an answer: an operating failure by its code, else 503 where asking again may help and 422 where it
 * will not; anything else is a bug, whose text stays in the log.
 */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof AppError)) {
    const why = 'the gateway failed in an unexpected way.';
    return {
      status: 500,
      body: { code: 'GATEWAY.INTERNAL' satisfies GatewayErrorCode, why, fix: 'Its log says why.' },
    };
  }
  const status = STATUS[error.code] ?? (error.retry === 'retryable' ? 503 : 422);
  return { status, body: { code: error.code, why: error.why, fix: error.fix ?? '' } };
}

/** Says that there is nothing under an address. */
export function notFound(what: string): AppError {
  return new AppError({
    code: 'GATEWAY.NOT_FOUND' satisfies GatewayErrorCode,
    why: `there is no ${what}.`,
    fix: "The gateway's README lists the addresses.",
  });
}
