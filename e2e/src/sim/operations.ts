import { Random } from '@capstan/testkit/sim';
import { BOTS, SYMBOLS } from './scenario.ts';

/** A command of a person to an owner. */
export interface Ask {
  readonly kind: 'ask';
  readonly atMs: number;
  readonly owner: 'execution' | 'risk' | `bot/${string}`;
  readonly command: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What is done while a world runs. */
export type Operation =
  | Ask
  /** Cancels or makes smaller one of the orders that work then. */
  | { readonly kind: 'cancelOne' | 'shrinkOne'; readonly atMs: number }
  /** Asks a process of execution itself, as an operator does whose store or bus may be away. */
  | { readonly kind: 'kill'; readonly atMs: number; readonly mode: 'soft' | 'hard' }
  | { readonly kind: 'unkill'; readonly atMs: number }
  /** The broker's own doing. */
  | { readonly kind: BrokersKind; readonly atMs: number };

/** What a broker does beside its exchange. */
export const BROKERS_KINDS = ['bust', 'correct', 'split', 'foreign', 'cash', 'dividend'] as const;
export type BrokersKind = (typeof BROKERS_KINDS)[number];

/** Tells what the broker does from what people do. */
export function isBrokers(
  operation: Operation,
): operation is Extract<Operation, { kind: BrokersKind }> {
  const kinds: readonly string[] = BROKERS_KINDS;
  return kinds.includes(operation.kind);
}

/** Operations of a world, and until when they begin, in virtual milliseconds. */
const OPERATIONS_MAX = 14;
const UNTIL_MS = 32_000;
const POSTS_MAX = 6;

/** Draws what people and the broker do, in the order of time. Every kill is lifted after a while. */
export function drawOperations(seed: number, unitsMax: number): readonly Operation[] {
  const random = new Random(seed ^ 0x0de7a7e5);
  const operations: Operation[] = [];
  for (let count = random.integer(3, OPERATIONS_MAX); count > 0; count -= 1) {
    operations.push(...drawOne(random, random.integer(1_500, UNTIL_MS), unitsMax));
  }
  return [...operations, ...drawPosts(seed)].sort((a, b) => a.atMs - b.atMs);
}

/** Draws when cash comes or goes without a trade, where the broker tells of that. */
function drawPosts(seed: number): readonly Operation[] {
  const random = new Random(seed ^ 0x0d1715e5);
  return Array.from({ length: random.integer(0, POSTS_MAX) }, () => ({
    kind: random.chance(0.4) ? 'cash' : 'dividend',
    atMs: random.integer(1_500, UNTIL_MS),
  }));
}

function drawOne(random: Random, atMs: number, unitsMax: number): readonly Operation[] {
  const ask = (owner: Ask['owner'], command: string, payload: Ask['payload'] = {}): Ask => ({
    ...({ kind: 'ask', atMs } as const),
    ...{ owner, command, payload },
  });
  const botId = random.pick(BOTS).botId;
  const scope = {
    ...(random.chance(0.5) ? { botId } : {}),
    ...(random.chance(0.5) ? { symbol: random.pick(SYMBOLS) } : {}),
  };
  switch (random.integer(0, 11)) {
    case 0:
      return [ask('execution', 'CancelOrders', scope)];
    case 1:
      return [ask('execution', 'Flatten', scope)];
    case 2:
      return [{ kind: 'cancelOne', atMs }];
    case 3:
      return [{ kind: 'shrinkOne', atMs }];
    case 4:
    case 5: {
      const mode = random.chance(0.5) ? 'soft' : 'hard';
      const lifted = { kind: 'unkill', atMs: atMs + random.integer(1_000, 8_000) } as const;
      if (random.chance(0.5)) return [{ kind: 'kill', atMs, mode }, lifted];
      return [ask('execution', 'Kill', { mode, reason: 'drill' }), lifted];
    }
    case 6: {
      const maxPositionUnits = random.integer(1, 2 * unitsMax);
      return [ask('risk', 'SetLimits', { set: { maxPositionUnits } })];
    }
    case 7:
      return [ask('execution', 'ResetBreaker', { force: random.chance(0.5) })];
    case 8: {
      const resumed = {
        ...ask(`bot/${botId}`, 'ResumeBot'),
        atMs: atMs + random.integer(500, 9_000),
      };
      return [ask(`bot/${botId}`, 'PauseBot'), resumed];
    }
    case 9:
      return [{ kind: 'bust', atMs }];
    case 10:
      return [{ kind: 'correct', atMs }];
    default:
      return [{ kind: random.chance(0.5) ? 'split' : 'foreign', atMs }];
  }
}
