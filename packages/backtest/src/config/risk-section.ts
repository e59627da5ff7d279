import {
  LIMIT_KEYS,
  type LimitFields,
  type LimitKey,
  POLICY_NAMES,
  tryLimits,
} from '@capstan/risk';
import { z } from 'zod';

/** What the one bot of a run is called. */
const RUN_BOT = 'bot';

const decimal = () =>
  z.union([
    z.string().regex(/^\d+(\.\d+)?$/, 'a plain decimal such as 100000 or 0.01'),
    z.number().min(0),
  ]);
const names = () => z.array(z.string().min(1).max(64));

/** How each kind of limit looks in a file; that it can be used is asked of the limits themselves. */
const SHAPES: Readonly<Record<LimitKey['kind'], () => z.ZodType>> = {
  money: decimal,
  loss: decimal,
  fraction: () => z.number().positive().max(1),
  multiple: () => z.number().positive().max(100),
  units: () => z.number().positive(),
  count: () => z.int().min(0),
  bps: () => z.int().min(0).max(10_000),
  seconds: () => z.number().positive(),
  minutes: () => z.int().min(1).max(1_440),
  flag: () => z.boolean(),
  time: () => z.string().regex(/^\d{2}:\d{2}$/, 'a time of day such as 09:35, quoted'),
  names,
  choice: () => z.string(),
};

/** What a backtest's limits are where a file says nothing: those of a plain simulation. */
const DEFAULTS: LimitFields = {
  policies: [...POLICY_NAMES],
  bufferBps: 0,
  entryTiming: 'nextOpen',
  maxDecisionAgeSeconds: 60,
};

function shapeOf(one: LimitKey): z.ZodType {
  const { key, kind, options, about } = one;
  const choice = options === undefined ? undefined : z.enum(options as [string, ...string[]]);
  const shape = kind === 'names' && choice !== undefined ? z.array(choice) : choice;
  const known = shape ?? SHAPES[kind]();
  const preset = DEFAULTS[key];
  return (preset === undefined ? known.optional() : known.default(preset)).describe(about);
}

const shapes = (keys: readonly LimitKey[]) =>
  Object.fromEntries(keys.map((one) => [one.key, shapeOf(one)]));

const scope = z.strictObject({
  bot: z.string().min(1).optional().describe('Whose limits they are; of every bot without it.'),
  symbol: z.string().min(1).optional().describe('In which symbol; in every one without it.'),
  ...shapes(LIMIT_KEYS.filter((one) => one.scoped)),
});

/** The limits of the account, by the same keys as live. */
export const riskSection = z
  .strictObject({
    ...shapes(LIMIT_KEYS),
    scopes: z
      .array(scope)
      .optional()
      .describe('Further limits of a bot, of a symbol, or of a bot in a symbol: all hold.'),
  })
  .superRefine((fields, context) => {
    const read = tryLimits(fields);
    if (read.kind === 'limits') {
      for (const [index, { botId }] of (read.limits.scopes ?? []).entries()) {
        if (botId === undefined || botId === RUN_BOT) continue;
        const message = `must be ${RUN_BOT}, the one that a run has`;
        context.addIssue({ code: 'custom', path: ['scopes', index, 'bot'], message });
      }
      return;
    }
    const message = `cannot be: ${read.why}; ${read.fix.replace(/\.$/, '')}`;
    context.addIssue({ code: 'custom', path: [...read.path], message });
  })
  .prefault({})
  .describe('The limits of the account: the same policies as live.');
