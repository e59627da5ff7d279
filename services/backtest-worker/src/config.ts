import { AppError, type CashMicros, parseCash } from '@capstan/domain';
import { defineConfig, platformSections, sizingSchema } from '@capstan/runtime';
import { z } from 'zod';

/** What this service is configured by: the sections that the platform shares, and its own. */
export const configSchema = defineConfig({
  ...platformSections,
  'backtest-worker': z.strictObject({
    computes: z
      .boolean()
      .default(true)
      .describe(
        'False takes jobs in and tells of them, and computes none: a desk, while there may be no worker.',
      ),
  }),
});

const jobSchema = z.strictObject({
  /** Path of a bar file that the worker can read. */
  bars: z.string().min(1),
  hours: z.enum(['regular', 'all']).default('regular'),
  strategy: z.string().min(1),
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  /** All symbols of the file unless given. */
  symbols: z
    .array(z.string().min(1))
    .min(1)
    .refine((symbols) => new Set(symbols).size === symbols.length, 'each symbol once')
    .optional(),
  cash: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(/^\d+(\.\d+)?$/))
    .default('100000'),
  sizing: sizingSchema.default({ kind: 'equityFraction', fraction: 0.1 }),
});

/** What a backtest job asks for. */
export type JobSpec = Omit<z.output<typeof jobSchema>, 'cash'> & {
  readonly cashMicros: CashMicros;
};

/** Reads a job's specification. @throws BACKTEST.SPEC naming the key and what is allowed. */
export function parseJob(json: string): JobSpec {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw badSpec('it is not JSON', cause);
  }
  const parsed = jobSchema.safeParse(value);
  if (!parsed.success) throw badSpec(z.prettifyError(parsed.error));
  const { cash, ...spec } = parsed.data;
  return { ...spec, cashMicros: parseCash(cash) };
}

function badSpec(what: string, cause?: unknown): AppError {
  return new AppError({
    code: 'BACKTEST.SPEC',
    why: `the job's specification cannot be used: ${what}.`,
    fix: 'It names bars, strategy and, where they differ from the defaults, params, symbols, cash, sizing, hours.',
    cause,
  });
}
