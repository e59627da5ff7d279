import { feedSection, PAPER_CASH, symbolsOf } from '@capstan/runtime';
import { defaultDataDir, type StackOptions, type StackPlan } from './stack-config.ts';

/** An account at an emulator, and what opens it there. */
export interface EmulatedAccount {
  readonly accountId: string;
  /** Where the variables of its keys begin. */
  readonly prefix: string;
  readonly keyId: string;
  readonly secretKey: string;
  /** What it holds there, in units of currency. */
  readonly cash: number;
}

/** The emulator that a stack brings along. */
export interface EmulatorPlan {
  /** What its prices follow from. */
  readonly seed: number;
  /** Sorted. */
  readonly symbols: readonly string[];
  readonly accounts: readonly EmulatedAccount[];
  /** How many times faster than the wall's clock its market goes. */
  readonly speed: number;
}

/** A minute bar every second and a third. */
const SPEED = 45;
const SPEED_MAX = 600;
const SEED = 7;
/** Loopback asks no vendor: what the adapter keeps to is far above what the platform needs. */
const REQUESTS_PER_MINUTE = 6_000;
/** How long a decision may take to its order, by the clock on the wall: a busy laptop takes its time. */
const DECISION_SECONDS = 10;
/** Waits of a live feed are by the market's clock, which goes faster: they leave a busy laptop its time. */
const WAITED = { graceMs: 12_000, settleMs: 12_000 } as const;

/**
 * Lets a stack trade at an emulated Alpaca in place of the paper exchange: its feeds are the emulator's, live, through the vendor's own
 * client, and so are its accounts: the configuration says what they hold there, and they open with what the emulator then tells. The run,
 * and with it the data directory, gets a name of its own: accounts begin anew there.
 */
export function withEmulatedAlpaca(plan: StackPlan, options: StackOptions): StackPlan {
  const { config } = plan;
  const feeds = config.feeds.map(({ feed }) => {
    const bots = config.bots.filter((bot) => bot.feed === feed);
    const named = config.feeds.filter((one) => one.feed === feed).flatMap(symbolsOf);
    const symbols = [...new Set([...named, ...bots.flatMap((bot) => bot.symbols)])].sort();
    return feedSection.parse({
      ...{ kind: 'venue', feed, provider: 'alpaca', symbols, source: 'sip', historySessions: 1 },
      ...{ ...WAITED, requestsPerMinute: REQUESTS_PER_MINUTE },
    });
  });
  const speed = options.speed === 'max' ? SPEED_MAX : Math.min(options.speed ?? SPEED, SPEED_MAX);
  const prefixes = config.accounts.map((_, index) => (index === 0 ? 'ALPACA' : `ALPACA_${index}`));
  const accounts = config.accounts.map(({ cash: _held, ...account }, index) => ({
    ...{ ...account, venue: 'alpaca' as const, mode: 'paper' as const },
    limits: { maxDecisionAgeSeconds: DECISION_SECONDS * speed, ...account.limits },
    credentials: prefixes[index] ?? '',
  }));
  const runId = `${config.run.id}-emulated`;
  const named = options.dataDir !== undefined || config.supervisor.dataDir !== undefined;
  const seeds = config.feeds.map((feed) => (feed.kind === 'generator' ? feed.seed : SEED));
  return {
    ...plan,
    config: {
      ...config,
      run: { ...config.run, id: runId },
      feeds,
      accounts,
      venues: {
        ...config.venues,
        alpaca: { ...config.venues.alpaca, requestsPerMinute: REQUESTS_PER_MINUTE },
      },
    },
    dataDir: named ? plan.dataDir : defaultDataDir(runId),
    emulator: {
      seed: seeds[0] ?? SEED,
      symbols: [...new Set(feeds.flatMap(symbolsOf))].sort(),
      speed,
      accounts: config.accounts.map(({ accountId, cash = PAPER_CASH }, index) => ({
        accountId,
        prefix: prefixes[index] ?? '',
        keyId: `EMULATED-${accountId}`,
        secretKey: `emulated-${accountId}`,
        cash: Number(cash),
      })),
    },
  };
}
