import { z } from 'zod';

/** The name of something that a person calls by it. */
export const name = () =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'letters, digits, . _ - and at most 64 of them');

/** An amount, exact. */
export const decimal = () =>
  z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(/^\d+(\.\d+)?$/, 'a plain decimal such as 100000 or 0.01'));
