import { AppError } from '@capstan/domain';

/** Returns `CODE: message` of the AppError that an attempt ends in, or what else came of it. */
export function failureOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    return error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
  }
  return 'nothing was thrown';
}
