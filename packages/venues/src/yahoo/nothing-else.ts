import { AppError } from '@capstan/domain';

/** Makes the answer of a vendor to what it does not have. */
export function nothingElse(what: string): () => AsyncIterable<never> {
  return () => ({
    [Symbol.asyncIterator]: () => ({
      next: () =>
        Promise.reject(
          new AppError({ code: 'MARKET.ENTITLEMENT', why: `Yahoo has no ${what} for Capstan.` }),
        ),
    }),
  });
}
