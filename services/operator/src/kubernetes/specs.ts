import { readSchedule, readSizing } from '@capstan/domain';
import { z } from 'zod';
import type { Kind, Resource, Specs } from '../cluster.ts';
import { LIMITS } from '../limits.ts';

const number = z.number().optional();

/** A bot's specification as it is written; what one key says of another is checked as it is read. */
export const botSpec = z.strictObject({
  accountId: z.string().min(1).describe('Account of the configuration that it trades for.'),
  feed: z.string().min(1).describe('Feed of the configuration that it reads.'),
  strategy: z.string().min(1).describe('Name of its strategy.'),
  params: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
    .default({})
    .describe('Parameters of the strategy: numbers, texts, true or false.'),
  symbols: z.array(z.string().min(1)).min(1).describe('What it trades.'),
  sizing: z
    .strictObject({
      kind: z
        .enum([
          'fixedQuantity',
          'fixedNotional',
          'equityFraction',
          'cashFraction',
          'atrRisk',
          'volatilityTarget',
        ])
        .describe('The rule; each has keys of its own.'),
      quantity: number,
      notional: number,
      fraction: number,
      feeBps: number,
      riskFraction: number,
      risk: number,
      atrBars: number,
      atrMultiple: number,
      annualVolatility: number,
      lookbackBars: number,
      maxFraction: number,
    })
    .default({ kind: 'equityFraction', fraction: 0.1 })
    .describe('How much it trades.'),
  schedule: z
    .strictObject({
      days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).optional(),
      start: z.string().optional().describe('HH:MM, this time included.'),
      end: z.string().optional().describe('HH:MM, this time excluded.'),
      timeZone: z.string().optional().describe("An IANA name; the exchange's unless set."),
      afterOpenMinutes: z.number().min(0).max(1_440).optional(),
      beforeCloseMinutes: z.number().min(0).max(1_440).optional(),
      atEnd: z.enum(['hold', 'flatten']).optional(),
    })
    .optional()
    .describe('When it may open; always, unless set.'),
  restartOnCrash: z
    .boolean()
    .default(true)
    .describe('Whether it begins again after its strategy threw.'),
  onShutdown: z
    .enum(['flatten', 'cancel', 'leave'])
    .default('leave')
    .describe(
      'What becomes of its position and orders as it is stopped, also by the end of this resource.',
    ),
  paused: z.boolean().default(false).describe('It watches, and gives no signals.'),
});

export const accountSpec = z.strictObject({
  limits: z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      'Limits by key, as `accounts[].limits` of the configuration writes them; what is not named stays as it is.',
    ),
});

export const jobSpec = z.strictObject({
  bars: z.string().min(1).describe('Path of a bar file that the workers can read.'),
  strategy: z.string().min(1),
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  symbols: z.array(z.string().min(1)).optional().describe('All of the file, unless given.'),
  cash: z
    .string()
    .regex(/^[0-9]+([.][0-9]+)?$/)
    .optional()
    .describe('To begin with, such as "100000".'),
  hours: z.enum(['regular', 'all']).optional(),
  sizing: botSpec.shape.sizing.optional(),
  ttlSecondsAfterFinished: z
    .int()
    .min(0)
    .max(LIMITS.keptSecondsMax)
    .optional()
    .describe('The resource goes so long after the job has ended; unless set, it stays.'),
});

type Read<K extends Kind> = Resource<K>['spec'];

/** Reads what a resource wants, with the key in words where it cannot be read. */
export function readSpec<K extends Kind>(kind: K, spec: unknown): Read<K> {
  const readers: { readonly [One in Kind]: (spec: unknown) => Read<One> } = {
    Bot: readBot,
    Account: readAccount,
    BacktestJob: readJob,
  };
  return readers[kind](spec ?? {});
}

function readBot(spec: unknown): Read<'Bot'> {
  const parsed = botSpec.safeParse(spec);
  if (!parsed.success) return wrong(parsed.error);
  const { sizing: sizingFields, schedule: scheduleFields, ...rest } = parsed.data;
  const sizing = readSizing(sizingFields);
  if (sizing.kind === 'problem')
    return { kind: 'wrong', why: `sizing.${sizing.key} ${sizing.rule}` };
  const symbols = [...new Set(rest.symbols)].sort();
  const value = { ...rest, symbols, sizing: sizing.sizing };
  if (scheduleFields === undefined) return { kind: 'read', value };
  const { days, start, end, timeZone, afterOpenMinutes, beforeCloseMinutes, atEnd } =
    scheduleFields;
  const bounds = { days, start, end, timeZone, afterOpenMinutes, beforeCloseMinutes, atEnd };
  const schedule = readSchedule(bounds);
  if (schedule.kind === 'schedule')
    return { kind: 'read', value: { ...value, schedule: schedule.schedule } };
  return {
    kind: 'wrong',
    why: `schedule${schedule.key === undefined ? '' : `.${schedule.key}`} ${schedule.rule}`,
  };
}

function readAccount(spec: unknown): Read<'Account'> {
  const parsed = accountSpec.safeParse(spec);
  return parsed.success ? { kind: 'read', value: parsed.data } : wrong(parsed.error);
}

function readJob(spec: unknown): Read<'BacktestJob'> {
  const parsed = jobSpec.safeParse(spec);
  if (!parsed.success) return wrong(parsed.error);
  const { ttlSecondsAfterFinished: keptSeconds, ...job } = parsed.data;
  const sorted = Object.entries(job)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const json = JSON.stringify(Object.fromEntries(sorted));
  const value: Specs['BacktestJob'] = keptSeconds === undefined ? { json } : { json, keptSeconds };
  return { kind: 'read', value };
}

const wrong = (error: z.ZodError): { readonly kind: 'wrong'; readonly why: string } => ({
  kind: 'wrong',
  why: z.prettifyError(error).replaceAll('\n', ' '),
});
