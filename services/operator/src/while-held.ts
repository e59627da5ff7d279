import { AppError } from '@capstan/domain';
import type { OperatorErrorCode } from './error-codes.ts';

/**
 * Returns `target` so that each call of a method first asks whether the lease is held: between two calls another process may have
 * become the one that acts.
 * @throws OPERATOR.LEASE from a method, in place of the call.
 */
export function whileHeld<T extends object>(target: T, isHeld: () => boolean): T {
  return new Proxy(target, {
    get: (_, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): unknown => {
        if (!isHeld()) throw notHeld();
        return Reflect.apply(member, target, args);
      };
    },
  });
}

const notHeld = () =>
  new AppError({
    code: 'OPERATOR.LEASE' satisfies OperatorErrorCode,
    why: 'the lease was lost on the way.',
    fix: 'Nothing is to be done: who holds it now goes on.',
    retry: 'retryable',
  });
