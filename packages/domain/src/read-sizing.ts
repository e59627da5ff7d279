import { SIZING_KINDS, type SizingRule, sizingProblem } from './bot-sizing.ts';
import { parseDecimal } from './numbers.ts';

/** A sizing as somebody wrote it down. */
export type SizingFields = Readonly<Record<string, unknown>>;

/** A sizing in its one form, or which of its keys cannot be, and the rule that it breaks. */
export type ReadSizing =
  | { readonly kind: 'sizing'; readonly sizing: SizingRule }
  | { readonly kind: 'problem'; readonly key: string; readonly rule: string };

/** The keys of each kind. Money is written in units of cash, or as it is stored, in micros. */
const KEYS: Readonly<Record<SizingRule['kind'], readonly string[]>> = {
  fixedQuantity: ['quantity'],
  fixedNotional: ['notional', 'notionalMicros'],
  equityFraction: ['fraction'],
  cashFraction: ['fraction', 'feeBps'],
  atrRisk: ['riskFraction', 'risk', 'riskMicros', 'atrBars', 'atrMultiple', 'maxFraction'],
  volatilityTarget: ['annualVolatility', 'lookbackBars', 'maxFraction'],
};

/** What is meant where a key is left out. */
export const SIZING_DEFAULTS = {
  feeBps: 0,
  atrBars: 14,
  atrMultiple: 2,
  lookbackBars: 20,
  maxFraction: 1,
} as const;

/** Money as it is written, and as it is stored. */
const MONEY: Readonly<Record<string, string>> = { notional: 'notionalMicros', risk: 'riskMicros' };

/**
 * Reads a sizing: checks it, fills in what was left out, and turns money into micros. A rule as it is stored reads as itself.
 * Fixed quantities count at the instrument's scale.
 */
export function readSizing(fields: SizingFields): ReadSizing {
  const kind = SIZING_KINDS.find((one) => one === fields.kind);
  if (kind === undefined) return problem('kind', `must be one of ${SIZING_KINDS.join(', ')}`);
  const known = KEYS[kind];
  const values: Record<string, number> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'kind' || value === undefined) continue;
    if (!known.includes(key))
      return problem(key, `is no key of ${kind}; it has ${known.join(', ')}`);
    const stored = MONEY[key] ?? key;
    if (values[stored] !== undefined) return problem(key, `is given twice: here and as ${stored}`);
    const number = MONEY[key] === undefined ? value : microsOf(value);
    if (typeof number !== 'number') {
      return problem(key, MONEY[key] === undefined ? 'must be a number' : `must be ${CASH}`);
    }
    values[stored] = number;
  }
  const sizing = { kind, ...defaultsOf(kind), ...values } as SizingRule;
  const wrong = sizingProblem(sizing);
  if (wrong === undefined) return { kind: 'sizing', sizing };
  const written = known.find((key) => MONEY[key] === wrong.key && key in fields) ?? wrong.key;
  if (written !== wrong.key) return problem(written, `must be ${CASH}`);
  if (wrong.value === undefined) return missing(kind, wrong.key, wrong.rule);
  return problem(written, `must be ${wrong.rule}`);
}

const CASH = 'money above 0 with at most six decimals';

function missing(kind: SizingRule['kind'], key: string, rule: string): ReadSizing {
  if (kind === 'atrRisk') return problem(key, `must be given, or risk in cash: one of them`);
  const written = Object.entries(MONEY).find(([, stored]) => stored === key)?.[0];
  return problem(written ?? key, `is missing: it must be ${written === undefined ? rule : CASH}`);
}

function defaultsOf(kind: SizingRule['kind']): Readonly<Record<string, number>> {
  const entries = Object.entries(SIZING_DEFAULTS).filter(([key]) => KEYS[kind].includes(key));
  return Object.fromEntries(entries);
}

function microsOf(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  try {
    return parseDecimal(String(value), 6);
  } catch {
    return undefined;
  }
}

const problem = (key: string, rule: string): ReadSizing => ({ kind: 'problem', key, rule });
