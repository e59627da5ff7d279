import { nearestName } from '@capstan/domain';
import { type LimitsProblem, limitsError, limitsProblem } from './check-limits.ts';
import { LIMIT_KEYS, type LimitKey, ruleOf } from './limit-keys.ts';
import { KIND_RULES } from './limit-kinds.ts';
import { DEFAULT_LIMITS, type RiskLimits, type Scope, STANDING_POLICIES } from './limits.ts';

/** Limits as somebody wrote them: by key, amounts as decimals, times in seconds. */
export type LimitFields = Readonly<Record<string, unknown>>;

/** Limits, or what is wrong with them. */
export type ReadLimits =
  | { readonly kind: 'limits'; readonly limits: RiskLimits }
  | ({ readonly kind: 'problem' } & LimitsProblem);

const SCOPE_KEYS = ['bot', 'symbol'] as const;

/**
 * Reads limits. What is left out is as in `base`.
 * @throws RISK.LIMITS naming the key that cannot be used, with the nearest name of an unknown one.
 */
export function readLimits(
  fields: LimitFields,
  where = 'limits',
  base: RiskLimits = DEFAULT_LIMITS,
): RiskLimits {
  const read = tryLimits(fields, base);
  if (read.kind === 'problem') throw limitsError(read, where);
  return read.limits;
}

/** As {@link readLimits}, with the problem as a value. */
export function tryLimits(fields: LimitFields, base: RiskLimits = DEFAULT_LIMITS): ReadLimits {
  const { scopes, ...own } = fields;
  const account = partOf(own, LIMIT_KEYS, [], ['scopes']);
  if (account.kind === 'problem') return account;
  const parts = scopesOf(scopes);
  if (parts.kind === 'problem') return parts;
  const given = {
    ...base,
    ...account.kept,
    ...(parts.kept.length === 0 ? {} : { scopes: parts.kept }),
  } as RiskLimits;
  const problem = limitsProblem(given);
  if (problem !== undefined) return { kind: 'problem', ...problem };
  return { kind: 'limits', limits: { ...given, policies: withStanding(given.policies) } };
}

function withStanding(policies: RiskLimits['policies']): RiskLimits['policies'] {
  const left = STANDING_POLICIES.filter((name) => !policies.includes(name));
  return left.length === 0 ? policies : [...left, ...policies];
}

/** Writes limits down; {@link readLimits} of it gives them back. */
export function limitFields(limits: RiskLimits): LimitFields {
  const { scopes, ...own } = limits;
  const written = scopes?.map(({ botId, symbol, ...part }) => ({
    ...(botId === undefined ? {} : { bot: botId }),
    ...(symbol === undefined ? {} : { symbol }),
    ...fieldsOf(part),
  }));
  return { ...fieldsOf(own), ...(written === undefined ? {} : { scopes: written }) };
}

/** A change of limits: those of a scope that are set anew; `null` takes one away. */
export interface LimitsChange extends Scope {
  readonly set: Readonly<Record<string, unknown>>;
}

/**
 * Returns limits as a change leaves them.
 * @throws RISK.LIMITS naming the key that cannot be used: the limits then stay as they are.
 */
export function changeLimits(
  limits: RiskLimits,
  change: LimitsChange,
  where = 'limits',
): RiskLimits {
  const { botId, symbol, set } = change;
  const fields = limitFields(limits);
  if (botId === undefined && symbol === undefined) {
    return readLimits(merged(fields, set), where);
  }
  const scopes = (fields.scopes ?? []) as readonly LimitFields[];
  const isOne = (one: LimitFields): boolean => one.bot === botId && one.symbol === symbol;
  const named = {
    ...(botId === undefined ? {} : { bot: botId }),
    ...(symbol === undefined ? {} : { symbol }),
  };
  const known = scopes.find(isOne) ?? named;
  const next = merged(known, set);
  const isEmpty = Object.keys(next).every((key) => key === 'bot' || key === 'symbol');
  const others = scopes.filter((one) => !isOne(one));
  return readLimits({ ...fields, scopes: isEmpty ? others : [...others, next] }, where);
}

function merged(fields: LimitFields, set: Readonly<Record<string, unknown>>): LimitFields {
  const entries = Object.entries({ ...fields, ...set });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

type Part =
  | { readonly kind: 'part'; readonly kept: Readonly<Record<string, unknown>> }
  | ({ readonly kind: 'problem' } & LimitsProblem);

function partOf(
  fields: LimitFields,
  keys: readonly LimitKey[],
  path: readonly (string | number)[],
  beside: readonly string[],
): Part {
  const kept: Record<string, unknown> = {};
  for (const [key, written] of Object.entries(fields)) {
    if (written === undefined) continue;
    const known = keys.find((one) => one.key === key);
    if (known === undefined) return unknownKey(key, keys, path, beside);
    const value = KIND_RULES[known.kind].read(written);
    if (value === undefined) {
      const name = [...path, key].join('.');
      const why = `${name} is ${JSON.stringify(written)}`;
      return { kind: 'problem', path: [...path, key], why, fix: `It must be ${ruleOf(known)}.` };
    }
    kept[known.field] = value;
  }
  return { kind: 'part', kept };
}

function unknownKey(
  key: string,
  keys: readonly LimitKey[],
  path: readonly (string | number)[],
  beside: readonly string[],
): Part {
  const names = [...keys.map((one) => one.key), ...beside];
  const near = nearestName(key, names);
  const scoped = path.length > 0 && LIMIT_KEYS.some((one) => one.key === key);
  const why = scoped
    ? `${[...path, key].join('.')} can only be set for the whole account`
    : `unknown key '${[...path, key].join('.')}'`;
  const fix = near === undefined ? `Known: ${names.join(', ')}.` : `Did you mean '${near}'?`;
  return {
    kind: 'problem',
    path: [...path, key],
    why,
    fix: scoped ? 'Write it beside `scopes`.' : fix,
  };
}

function scopesOf(
  written: unknown,
):
  | { readonly kind: 'parts'; readonly kept: readonly Readonly<Record<string, unknown>>[] }
  | ({ readonly kind: 'problem' } & LimitsProblem) {
  if (written === undefined) return { kind: 'parts', kept: [] };
  const bad = (path: readonly (string | number)[], why: string) =>
    ({ kind: 'problem', path, why, fix: 'Write a list of { bot, symbol, limits }.' }) as const;
  if (!Array.isArray(written)) return bad(['scopes'], 'scopes is no list');
  const kept: Readonly<Record<string, unknown>>[] = [];
  for (const [index, one] of (written as readonly unknown[]).entries()) {
    const path = ['scopes', index];
    if (typeof one !== 'object' || one === null) return bad(path, `scopes.${index} is no section`);
    const { bot, symbol, ...own } = one as LimitFields;
    for (const [key, name] of Object.entries({ bot, symbol })) {
      if (name === undefined || (typeof name === 'string' && name !== '')) continue;
      return bad([...path, key], `scopes.${index}.${key} is ${JSON.stringify(name)}, not a name`);
    }
    const part = partOf(
      own,
      LIMIT_KEYS.filter((key) => key.scoped),
      path,
      SCOPE_KEYS,
    );
    if (part.kind === 'problem') return part;
    kept.push({
      ...(bot === undefined ? {} : { botId: bot }),
      ...(symbol === undefined ? {} : { symbol }),
      ...part.kept,
    });
  }
  return { kind: 'parts', kept };
}

function fieldsOf(kept: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const { key, field, kind } of LIMIT_KEYS) {
    const value = (kept as Readonly<Record<string, unknown>>)[field];
    if (value !== undefined) fields[key] = KIND_RULES[kind].write(value as never);
  }
  return fields;
}
