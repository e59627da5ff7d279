import { AppError } from '@capstan/domain';
import type { GatewayErrorCode } from './error-codes.ts';

/** What becomes of a command that its owner applied. */
export interface Applied {
  readonly commandId: string;
  readonly applied: true;
  readonly message: string;
}

/** Returns what was applied. @throws GATEWAY.REFUSED where the owner would not. */
export function applied(result: {
  readonly commandId: string;
  readonly applied: boolean;
  readonly message: string;
}): Applied {
  if (result.applied) return { ...result, applied: true };
  throw new AppError({
    code: 'GATEWAY.REFUSED' satisfies GatewayErrorCode,
    why: result.message === '' ? 'it was refused.' : result.message,
    fix: 'See how it stands now, and ask again if it is still wanted.',
  });
}
