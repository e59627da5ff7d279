import { leaseKey } from '@capstan/contracts';
import { AppError, type InstrumentBook, nearestName } from '@capstan/domain';
import {
  changeLimits,
  type LimitFields,
  type LimitsChange,
  limitFields,
  type RiskLimits,
  readLimits,
} from '@capstan/risk';

/** The limits of an account as its owner stores them. */
export interface StoredLimits {
  /** What the configuration said when they were set. */
  readonly configured: LimitFields;
  readonly current: LimitFields;
}

/** Names the key under which an account's limits are kept for who asks what they are. */
export function limitsKey(accountId: string): string {
  return leaseKey(`limits/${accountId}`);
}

/**
 * The limits of an account: what the configuration says, until a person sets some of them; from then on those, over restarts, until
 * the configuration says something else than it did: a deployment has the last word.
 */
export class LimitsBook {
  readonly #configured: RiskLimits;
  #current: RiskLimits;

  constructor(configured: RiskLimits, stored?: StoredLimits) {
    this.#configured = configured;
    const holds = stored !== undefined && isSame(stored.configured, limitFields(configured));
    this.#current = holds ? readLimits(stored.current, 'stored limits') : configured;
  }

  get current(): RiskLimits {
    return this.#current;
  }

  /** True while something stands that the configuration does not say. */
  get isChanged(): boolean {
    return !isSame(limitFields(this.#current), limitFields(this.#configured));
  }

  /** Returns the limits as a change would leave them; {@link LimitsBook.take} makes them current. @throws RISK.LIMITS */
  after(
    change: LimitsChange,
    of: {
      readonly accountId: string;
      readonly bots: readonly string[];
      readonly instruments: InstrumentBook;
    },
  ): RiskLimits {
    const { accountId, bots, instruments } = of;
    const { botId, symbol } = change;
    if (botId !== undefined) checkName('bot', botId, bots, accountId);
    const symbols = instruments.all().map((one) => one.symbol);
    if (symbol !== undefined) checkName('symbol', symbol, symbols, accountId);
    return changeLimits(this.#current, change, `limits of ${accountId}`);
  }

  take(limits: RiskLimits): void {
    this.#current = limits;
  }

  /** What survives a restart; `undefined` where only the configuration speaks. */
  stored(): StoredLimits | undefined {
    if (!this.isChanged) return undefined;
    return { configured: limitFields(this.#configured), current: limitFields(this.#current) };
  }
}

function checkName(kind: string, name: string, known: readonly string[], accountId: string): void {
  if (known.includes(name)) return;
  const near = nearestName(name, known);
  throw new AppError({
    code: 'RISK.LIMITS',
    why: `account ${accountId} has no ${kind} '${name}'.`,
    fix: near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean '${near}'?`,
  });
}

const isSame = (a: LimitFields, b: LimitFields): boolean => JSON.stringify(a) === JSON.stringify(b);
