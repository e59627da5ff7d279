import type { Calendar } from '@capstan/calendar';
import { leaseKey } from '@capstan/contracts';
import { US_PER_SECOND } from '@capstan/domain';
import type { Clock, Kv, Store } from '@capstan/ports';
import { DRIFTED_CASH, UNOPENED } from '@capstan/risk';
import type { FeedReader } from '../alerts/alert-sources.ts';
import { seenBreaker, seenKill } from '../alerts/seen-entries.ts';
import { LIMITS } from './limits.ts';

export interface ReadinessPorts {
  readonly store: Pick<Store, 'snapshots' | 'drifts'>;
  readonly kv: Kv;
  readonly clock: Clock;
  /** How many times faster than its waits the clock goes: a simulated market's does; 1 unless given. */
  readonly clockSpeed?: number;
  readonly feeds: FeedReader;
}

/** What is to be ready for a session. */
export interface ReadinessScope {
  readonly calendar: Calendar;
  readonly feeds: readonly string[];
  readonly accounts: readonly string[];
}

/**
 * Returns in words what is not ready for a session: feeds that gave nothing since the last one closed, brokers of whom no word came lately, switches and
 * drifts that keep an account from adding, and a clock that is behind the market.
 * @param runNowUs the run's clock. @throws STORE.UNAVAILABLE BUS.UNAVAILABLE
 */
export async function notReady(
  ports: ReadinessPorts,
  scope: ReadinessScope,
  runNowUs: number,
): Promise<readonly string[]> {
  const ofFeeds = await feedProblems(ports, scope, runNowUs);
  const problems = [...clockProblems(ports.clock, runNowUs), ...ofFeeds];
  for (const accountId of scope.accounts)
    problems.push(...(await accountProblems(ports, accountId)));
  return problems;
}

function clockProblems(clock: Clock, runNowUs: number): readonly string[] {
  const behindUs = runNowUs - clock.nowUs();
  if (behindUs <= LIMITS.clockBehindUs) return [];
  return [`our clock is ${Math.floor(behindUs / US_PER_SECOND)} s behind the market`];
}

async function feedProblems(
  { feeds: read }: ReadinessPorts,
  { feeds, calendar }: ReadinessScope,
  runNowUs: number,
): Promise<readonly string[]> {
  if (feeds.length === 0) return [];
  const seen = await read();
  if (seen === undefined) return ['market data does not answer'];
  const closedUs = calendar.previousClose(runNowUs);
  return feeds.flatMap((name) => {
    const feed = seen.find((one) => one.feed === name);
    if (feed === undefined) return [`feed ${name} has given no bar`];
    if (feed.finished) return [`feed ${name} has ended`];
    const problem = feed.vendor?.problem ?? '';
    if (problem !== '') return [`feed ${name}: ${problem.replace(/\.$/, '')}`];
    if (feed.endUs >= closedUs) return [];
    return [`feed ${name} has given no bar since before the last close`];
  });
}

/** Drifts of cash: of the ledger's, and of what the configuration says that an account opens with. */
const CASH_DRIFTS = [DRIFTED_CASH, UNOPENED];

async function accountProblems(
  { store, kv, clock, clockSpeed = 1 }: ReadinessPorts,
  accountId: string,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const [[snapshot], drifts, kill, breaker] = await Promise.all([
    store.snapshots(accountId, 1),
    store.drifts({ accountId, openOnly: true, limit: LIMITS.driftsTold }),
    kv.get('switches', leaseKey(`kill/${accountId}`)),
    kv.get('switches', leaseKey(`breaker/${accountId}`)),
  ]);
  const agoUs = snapshot === undefined ? undefined : clock.nowUs() - snapshot.takenAtUs;
  if (agoUs === undefined) problems.push(`${accountId}: no word of the broker yet`);
  else if (agoUs > LIMITS.brokerSilentUs * clockSpeed) {
    const seconds = Math.floor(agoUs / US_PER_SECOND);
    problems.push(`${accountId}: no word of the broker for ${seconds} s`);
  }
  for (const { symbol } of drifts) {
    const what = CASH_DRIFTS.includes(symbol) ? 'cash' : symbol;
    problems.push(`${accountId}: ${what} differs from the broker`);
  }
  const mode = kill === undefined ? 'off' : seenKill(accountId, kill).mode;
  if (mode !== 'off') problems.push(`${accountId}: the ${mode} kill switch is thrown`);
  if (breaker !== undefined && seenBreaker(accountId, breaker).open) {
    problems.push(`${accountId}: the breaker is open`);
  }
  return problems;
}
