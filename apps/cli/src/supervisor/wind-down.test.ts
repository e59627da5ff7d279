import { AppError } from '@capstan/domain';
import { expect, test } from 'vitest';
import type { Answer } from '../gateway-client.ts';
import { type WindDownOptions, windDownBots } from './wind-down.ts';

/** A gateway of one bot that holds 40 SPY; `looks` tells what it still has each time it is asked. */
interface Told {
  readonly rule?: string;
  readonly state?: string;
  readonly looks: readonly { readonly quantity: number; readonly orders?: number }[];
  readonly refuses?: boolean;
  readonly isSilent?: boolean;
}

interface Wound {
  readonly lines: readonly string[];
  readonly posts: readonly string[];
}

async function windDown(told: Told, options: Partial<WindDownOptions> = {}): Promise<Wound> {
  const { rule = 'flatten', state = 'running', looks } = told;
  const lines: string[] = [];
  const posts: string[] = [];
  let asked = 0;
  const lookNow = () => looks[Math.min(Math.floor(asked / 2), looks.length - 1)];
  const get = async (path: string): Promise<Answer> => {
    if (path === '/api/bots') return { bots: [{ botId: 'trend', onShutdown: rule, state }] };
    const { quantity = 0, orders = 0 } = lookNow() ?? {};
    asked += 1;
    return path === '/api/positions'
      ? { positions: [{ botId: 'trend', symbol: 'SPY', quantity }] }
      : { orders: Array.from({ length: orders }, () => ({ botId: 'trend' })) };
  };
  const post = (signal: AbortSignal) => (path: string, body: object) => {
    posts.push(`${path} ${JSON.stringify(body)}`);
    if (told.refuses === true) {
      return Promise.reject(new AppError({ code: 'CLI.GATEWAY', why: 'It is stopped.' }));
    }
    if (told.isSilent !== true) return Promise.resolve({ message: 'closes what is open.' });
    return new Promise<Answer>((_, reject) => {
      const gone = () => reject(new AppError({ code: 'CLI.NOT_RUNNING', why: 'No answer.' }));
      signal.addEventListener('abort', gone);
    });
  };
  await windDownBots({
    open: (signal) => ({ get, post: post(signal) }),
    console: { say: (level, name, text) => void lines.push(`${level} ${name}: ${text}`) },
    timeMs: 5_000,
    hurry: new AbortController().signal,
    ...options,
  });
  return { lines, posts };
}

test('asks a bot to flatten and says when it is flat, and stays so', async () => {
  const { lines, posts } = await windDown({
    looks: [{ quantity: 40 }, { quantity: 40, orders: 1 }, { quantity: 0 }],
  });
  expect(posts).toEqual(['/api/bots/trend/stop {"untilRestart":true}']);
  expect(lines).toEqual([
    'info bot trend: flattening SPY +40: closes what is open.',
    expect.stringMatching(/^info bot trend: flat after 0\.\d s$/),
  ]);
});

test('does not take a bot for flat whose order shows a moment later', async () => {
  const { lines } = await windDown(
    { looks: [{ quantity: 40 }, { quantity: 0 }, { quantity: -40 }] },
    { timeMs: 700 },
  );
  expect(lines.at(-1)).toBe(
    'warn bot trend: still has SPY -40 and 0 orders at the venue: 0.7 s are over, and no bar came to close it by',
  );
});

test('says what is left at the venue when the time is over', async () => {
  const { lines } = await windDown({ looks: [{ quantity: 40, orders: 1 }] }, { timeMs: 300 });
  expect(lines.at(-1)).toBe(
    'warn bot trend: still has SPY +40 and 1 order at the venue, which stay there and may fill after this stop: 0.3 s are over',
  );
});

test('ends at once when nobody waits any longer, also for a bot that does not answer', async () => {
  const hurry = AbortSignal.timeout(50);
  const { lines } = await windDown({ looks: [{ quantity: 40 }], isSilent: true }, { hurry });
  expect(lines).toEqual([
    'warn bot trend: flattening SPY +40: No answer.',
    'warn bot trend: its rule did not run; it still has SPY +40 and 0 orders at the venue',
  ]);
});

test('waits, for a bot that only cancels, until no order is open', async () => {
  const { lines } = await windDown({
    rule: 'cancel',
    looks: [{ quantity: 40, orders: 1 }, { quantity: 40 }],
  });
  expect(lines.at(-1)).toMatch(/^info bot trend: its orders are cancelled after/);
});

test('leaves alone what is to be left, and says what it keeps; a stopped bot not even that', async () => {
  expect(await windDown({ rule: 'leave', looks: [{ quantity: 40 }] })).toEqual({
    lines: ['info bot trend: keeps SPY +40 (onShutdown: leave)'],
    posts: [],
  });
  const stopped = await windDown({ state: 'stopped', looks: [{ quantity: 40 }] });
  expect(stopped).toEqual({ lines: [], posts: [] });
});

test('says why a rule cannot run', async () => {
  const { lines } = await windDown({ looks: [{ quantity: 0 }], refuses: true });
  expect(lines).toEqual([
    'warn bot trend: flattening nothing: It is stopped.',
    'warn bot trend: its rule did not run; it still has no position and 0 orders at the venue',
  ]);
});

test('says that the platform could not be asked', async () => {
  const away = () => Promise.reject(new AppError({ code: 'CLI.NOT_RUNNING', why: 'No gateway.' }));
  const { lines } = await windDown({ looks: [] }, { open: () => ({ get: away, post: away }) });
  expect(lines).toEqual([
    'warn capstan: the shutdown rules could not be followed to their end: No gateway.',
  ]);
});
