import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@capstan/domain';
import { signed } from '../bot-status.ts';
import { type Answer, type GatewayClient, listIn, pathOf } from '../gateway-client.ts';
import { WIND_DOWN_POLL_MS, WIND_DOWN_STEADY_POLLS } from '../limits.ts';
import type { StackConsole } from './supervisor.ts';

/** How the bots' shutdown rules are run. */
export interface WindDownOptions {
  /** Opens the gateway; its requests end with the signal. */
  readonly open: (signal: AbortSignal) => Gateway;
  readonly console: Pick<StackConsole, 'say'>;
  /** How long they may take, in milliseconds. */
  readonly timeMs: number;
  /** Aborts when they are to be waited for no longer. */
  readonly hurry: AbortSignal;
}

type Gateway = Pick<GatewayClient, 'get' | 'post'>;
type Say = WindDownOptions['console'];

/** A bot whose rule asks for something. */
interface Winding {
  readonly botId: string;
  readonly rule: 'cancel' | 'flatten';
  /** True once it has said that it will. */
  hasAgreed: boolean;
  /** How often in a row nothing was left. */
  steady: number;
  isDone: boolean;
  left: Left;
}

/** What a bot still has. */
interface Left {
  /** In words, such as `SPY +40`; empty when flat. */
  readonly held: string;
  readonly orders: number;
}

/**
 * Runs the shutdown rule of every bot that is not stopped, at an operator's stop of the whole stack, and says what it does, bot by bot.
 * Returns when nothing is left to do, the time has run out, or nobody wants to wait. Never rejects for what the platform refuses.
 */
export async function windDownBots(options: WindDownOptions): Promise<void> {
  const { console, timeMs, hurry } = options;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeMs);
  const over = AbortSignal.any([hurry, late.signal]);
  const gateway = options.open(over);
  const bots: Winding[] = [];
  try {
    bots.push(...(await windingBots(gateway, console)));
    await Promise.all(bots.map((bot) => ask(gateway, console, bot)));
    await follow(gateway, console, bots, over);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (!over.aborted) {
      const why = `the shutdown rules could not be followed to their end: ${error.message}`;
      console.say('warn', 'capstan', why);
    }
  } finally {
    clearTimeout(timer);
  }
  const why = hurry.aborted ? 'it was not waited for' : `${timeMs / 1_000} s are over`;
  for (const bot of bots.filter((one) => !one.isDone)) {
    console.say('warn', `bot ${bot.botId}`, leftOver(bot, why));
  }
}

/** Lists the bots that have something to do, and says what those keep that have not. */
async function windingBots(gateway: Gateway, console: Say): Promise<readonly Winding[]> {
  const [answer, leftOf] = await Promise.all([gateway.get('/api/bots'), readLeft(gateway)]);
  const winding: Winding[] = [];
  for (const bot of listIn(answer, 'bots')) {
    const [botId, rule] = [String(bot.botId), String(bot.onShutdown)];
    if (bot.state === 'stopped') continue;
    const left = leftOf(botId);
    if (rule === 'flatten' || rule === 'cancel') {
      winding.push({ botId, rule, hasAgreed: false, steady: 0, isDone: false, left });
    } else if (left.held !== '') {
      console.say('info', `bot ${botId}`, `keeps ${left.held} (onShutdown: ${rule})`);
    }
  }
  return winding;
}

async function ask(gateway: Gateway, console: Say, bot: Winding): Promise<void> {
  const { botId, rule, left } = bot;
  const wish = rule === 'flatten' ? `flattening ${left.held || 'nothing'}` : 'cancelling';
  try {
    const answer = await gateway.post(pathOf('bots', botId, 'stop'), { untilRestart: true });
    bot.hasAgreed = true;
    console.say('info', `bot ${botId}`, `${wish}: ${String(answer.message ?? '')}`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    console.say('warn', `bot ${botId}`, `${wish}: ${error.message}`);
  }
}

/** Waits until nothing is left of the bots that agreed. */
async function follow(
  gateway: Gateway,
  console: Say,
  bots: readonly Winding[],
  over: AbortSignal,
): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    const open = bots.filter((bot) => bot.hasAgreed && !bot.isDone);
    if (open.length === 0 || over.aborted) return;
    await sleep(WIND_DOWN_POLL_MS, undefined, { signal: over }).catch(() => undefined);
    await look(gateway, open);
    for (const bot of open.filter((one) => one.isDone)) {
      const what = bot.rule === 'flatten' ? 'flat' : 'its orders are cancelled';
      const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
      console.say('info', `bot ${bot.botId}`, `${what} after ${seconds} s`);
    }
  }
}

/** Looks what is left. An order that was decided just before may show a moment later: nothing left must be seen again. */
async function look(gateway: Gateway, bots: readonly Winding[]): Promise<void> {
  const leftOf = await readLeft(gateway);
  for (const bot of bots) {
    bot.left = leftOf(bot.botId);
    const isClear = bot.left.orders === 0 && (bot.rule === 'cancel' || bot.left.held === '');
    bot.steady = isClear ? bot.steady + 1 : 0;
    bot.isDone = bot.steady >= WIND_DOWN_STEADY_POLLS;
  }
}

/** Reads positions and open orders of all bots. */
async function readLeft(gateway: Gateway): Promise<(botId: string) => Left> {
  const [positions, orders] = await Promise.all([
    gateway.get('/api/positions'),
    gateway.get('/api/orders', { open: true }),
  ]);
  const rowsOf = (answer: Answer, list: string, botId: string): readonly Answer[] =>
    listIn(answer, list).filter((row) => row.botId === botId);
  return (botId) => ({
    held: rowsOf(positions, 'positions', botId)
      .filter((row) => row.quantity !== 0)
      .map((row) => `${String(row.symbol)} ${signed(Number(row.quantity))}`)
      .join(' '),
    orders: rowsOf(orders, 'orders', botId).length,
  });
}

function leftOver({ rule, left, hasAgreed }: Winding, why: string): string {
  const { held, orders } = left;
  const working = `${orders} order${orders === 1 ? '' : 's'}`;
  const has = `still has ${held === '' ? 'no position' : held} and ${working} at the venue`;
  if (!hasAgreed) return `its rule did not run; it ${has}`;
  if (rule === 'cancel') return `${working} not known to be cancelled: ${why}`;
  return orders === 0
    ? `${has}: ${why}, and no bar came to close it by`
    : `${has}, which stay there and may fill after this stop: ${why}`;
}
