import { AppError } from '@capstan/domain';

/** Says that there is no such account. */
export function unknownAccount(accountId: string, known: readonly string[]): AppError {
  return new AppError({
    code: 'EXCHANGE.ACCOUNT',
    why: `the exchange has no account '${accountId}'.`,
    fix: `Known: ${known.join(', ')}.`,
  });
}

/** Says that a reader knows more than happened here. */
export function unknownSequence(accountId: string, asked: number, last: number): AppError {
  return new AppError({
    code: 'EXCHANGE.SEQUENCE',
    why: `the exchange has ${last} events of account '${accountId}'; it is asked for those after ${asked}.`,
    fix: 'Its journal is not the one that belongs to this database: restore it, or begin both anew.',
  });
}

/** What clients hear of an exchange that cannot write: they do not know what became of their wish, and never get an answer. */
export function outOfOrder(cause: AppError): AppError {
  return new AppError({
    code: 'VENUE.UNAVAILABLE',
    why: `the paper exchange is out of order: ${cause.why}`,
    fix: cause.fix ?? 'Start it again.',
    retry: 'retryable',
    cause,
  });
}

/** Says that a reader knows an activity that never happened here. */
export function unknownActivity(accountId: string, activityId: string): AppError {
  return new AppError({
    code: 'EXCHANGE.SEQUENCE',
    why: `the exchange has no activity '${activityId}' of account '${accountId}'; it is asked for those after it.`,
    fix: 'Its journal is not the one that belongs to this database: restore it, or begin both anew.',
  });
}
