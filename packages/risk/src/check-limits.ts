import { AppError, formatCash, minuteOfDay } from '@capstan/domain';
import { allows, LIMIT_KEYS, type LimitKey, ruleOf } from './limit-keys.ts';
import {
  MARKET_BEFORE_CLOSE_MINUTES,
  type PolicyName,
  type RiskLimits,
  type Scope,
  type ScopedLimits,
  type ScopeLimits,
  STANDING_POLICIES,
} from './limits.ts';

/** What is wrong with limits: the key as it is written, what it is, and what it must be. */
export interface LimitsProblem {
  readonly path: readonly (string | number)[];
  /** In words: "maxPositions is -1". */
  readonly why: string;
  readonly fix: string;
}

/**
 * Checks that each limit can be used. That limits do not contradict each other is checked where they are read.
 * @param where names them in the message.
 * @throws RISK.LIMITS naming the key that cannot be used.
 */
export function checkLimits(limits: RiskLimits, where = 'limits'): void {
  const problem = valuesProblem(limits);
  if (problem !== undefined) throw limitsError(problem, where);
}

/** Makes the error that says what is wrong with limits. */
export function limitsError({ why, fix }: LimitsProblem, where: string): AppError {
  return new AppError({ code: 'RISK.LIMITS', why: `${where}: ${why}.`, fix });
}

/** Returns the first thing that is wrong with limits, contradictions included; `undefined` where they can be used. */
export function limitsProblem(limits: RiskLimits): LimitsProblem | undefined {
  return (
    valuesProblem(limits) ??
    relationProblem(limits, []) ??
    idleProblem(limits) ??
    scopesProblem(limits)
  );
}

function valuesProblem(limits: RiskLimits): LimitsProblem | undefined {
  const own = valueProblem(limits, LIMIT_KEYS, []);
  if (own !== undefined) return own;
  for (const [index, scope] of (limits.scopes ?? []).entries()) {
    const problem = valueProblem(scope, SCOPED_KEYS, ['scopes', index]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

type Kept = Readonly<Record<string, unknown>>;
const SCOPED_KEYS = LIMIT_KEYS.filter((one) => one.scoped);

/** Names a scope in words. */
export function scopeText({ botId, symbol }: Scope): string {
  const bot = botId === undefined ? [] : [`bot ${botId}`];
  return [...bot, ...(symbol === undefined ? [] : [symbol])].join(' in ') || 'the account';
}

function valueProblem(
  limits: RiskLimits | ScopedLimits,
  keys: readonly LimitKey[],
  path: readonly (string | number)[],
): LimitsProblem | undefined {
  for (const one of keys) {
    const kept = (limits as unknown as Kept)[one.field];
    if (kept === undefined || allows(one, kept)) continue;
    const shown = Array.isArray(kept) ? kept.join(', ') : String(kept);
    return {
      path: [...path, one.key],
      why: `${[...path, one.key].join('.')} is ${shown}`,
      fix: `It must be ${ruleOf(one)}.`,
    };
  }
  return undefined;
}

/** Money caps of which the first can never be reached where it is above the second. */
const WITHIN: readonly (readonly [string, string])[] = [
  ['maxOrderNotional', 'maxPositionNotional'],
  ['maxPositionNotional', 'maxSymbolNotional'],
  ['maxPositionNotional', 'maxGrossExposure'],
  ['maxSymbolNotional', 'maxGrossExposure'],
  ['maxNetExposure', 'maxGrossExposure'],
  ['maxSymbolDailyLoss', 'maxDailyLoss'],
];

function relationProblem(
  limits: ScopeLimits,
  path: readonly (string | number)[],
): LimitsProblem | undefined {
  for (const [inner, outer] of WITHIN) {
    const [a, b] = [keptOf(limits, inner), keptOf(limits, outer)];
    if (typeof a !== 'number' || typeof b !== 'number' || a <= b) continue;
    const words = `${inner} is ${money(a)}, above ${outer} of ${money(b)}`;
    return contradiction(path, inner, `${words}: it could never be reached`);
  }
  return windowProblem(limits, path);
}

function idleProblem(limits: RiskLimits): LimitsProblem | undefined {
  const parts: readonly ScopeLimits[] = [limits, ...(limits.scopes ?? [])];
  const minutes = parts.map((part) => part.flatBeforeCloseMinutes ?? 0);
  if (limits.flatBy === 'onClose' && Math.max(...minutes) <= MARKET_BEFORE_CLOSE_MINUTES) {
    const why = `flatBy is onClose, and no flatBeforeCloseMinutes is above ${MARKET_BEFORE_CLOSE_MINUTES}: the auction needs longer`;
    return contradiction([], 'flatBy', why);
  }
  const { closeOnDailyLoss, maxDailyLossFraction, maxDailyLossMicros } = limits;
  if (closeOnDailyLoss !== true) return undefined;
  if (maxDailyLossFraction !== undefined || maxDailyLossMicros !== undefined) return undefined;
  const why = "closeOnDailyLoss is true, and the account's daily loss has no limit";
  return {
    path: ['closeOnDailyLoss'],
    why,
    fix: 'Give maxDailyLoss or maxDailyLossFraction beside it.',
  };
}

function windowProblem(
  { sessionStart, sessionEnd, killTime }: ScopeLimits,
  path: readonly (string | number)[],
): LimitsProblem | undefined {
  const minute = (text: string | undefined) => (text === undefined ? undefined : minuteOfDay(text));
  const [start, end, kill] = [minute(sessionStart), minute(sessionEnd), minute(killTime)];
  if (start !== undefined && end !== undefined && start === end) {
    const why = `sessionStart and sessionEnd are both ${sessionStart}: nothing could ever be added`;
    return contradiction(path, 'sessionEnd', why);
  }
  if (start !== undefined && kill !== undefined && kill <= start) {
    const why = `killTime ${killTime} is not after sessionStart ${sessionStart}: nothing could ever be added`;
    return contradiction(path, 'killTime', why);
  }
  return undefined;
}

function scopesProblem(limits: RiskLimits): LimitsProblem | undefined {
  const seen = new Set<string>();
  for (const [index, scope] of (limits.scopes ?? []).entries()) {
    const path = ['scopes', index];
    const name = scopeText(scope);
    if (scope.botId === undefined && scope.symbol === undefined) {
      const fix = 'Give `bot`, `symbol` or both; limits of the account stand beside `scopes`.';
      return { path, why: `scopes.${index} names neither a bot nor a symbol`, fix };
    }
    if (seen.has(name)) {
      return { path, why: `scopes has ${name} twice`, fix: 'Write them as one.' };
    }
    seen.add(name);
    const problem = relationProblem(scope, path) ?? looserProblem(limits, scope, path);
    if (problem !== undefined) return problem;
  }
  return unaskedProblem(limits);
}

/** A part of an account cannot be allowed more than the account. */
function looserProblem(
  limits: RiskLimits,
  scope: ScopedLimits,
  path: readonly (string | number)[],
): LimitsProblem | undefined {
  for (const { key, field } of SCOPED_KEYS) {
    if (!key.startsWith('max')) continue;
    const [own, whole] = [(scope as Kept)[field], (limits as unknown as Kept)[field]];
    if (typeof own !== 'number' || typeof whole !== 'number' || own <= whole) continue;
    const words = `${key} of ${scopeText(scope)} is above the account's`;
    return contradiction(path, key, `${words}: it could never be reached`);
  }
  return undefined;
}

/** A limit whose policy is not asked would limit nothing. */
function unaskedProblem(limits: RiskLimits): LimitsProblem | undefined {
  const asked: readonly PolicyName[] = [...limits.policies, ...STANDING_POLICIES, 'market-hours'];
  for (const part of [limits, ...(limits.scopes ?? [])]) {
    for (const { key, field, policy } of LIMIT_KEYS) {
      if (policy === undefined || asked.includes(policy)) continue;
      if ((part as unknown as Kept)[field] === undefined) continue;
      return contradiction([], key, `${key} is given, and policies does not list ${policy}`);
    }
  }
  return undefined;
}

function contradiction(
  path: readonly (string | number)[],
  key: string,
  why: string,
): LimitsProblem {
  const where = path.length === 0 ? '' : `${path.join('.')}: `;
  return { path: [...path, key], why: `${where}${why}`, fix: 'Change one of them.' };
}

function keptOf(limits: ScopeLimits, key: string): unknown {
  const field = SCOPED_KEYS.find((one) => one.key === key)?.field ?? key;
  return (limits as Kept)[field];
}

const money = (micros: number): string => formatCash(micros as Parameters<typeof formatCash>[0]);
