import type { Denial, Order } from '@capstan/domain';
import type { BotRecord, DriftRecord } from '@capstan/ports';
import { DRIFTED_CASH, driftReason, POLICIES, type Policy, UNOPENED } from '@capstan/risk';
import type { BreakerJson, KillSwitchJson } from './json.ts';

/** What to do about refusals that are none of a limit. */
const OTHER_ADVICE: Readonly<Record<string, string>> = {
  sizing: "Look at the bot's sizing: what it asks for cannot be traded.",
  reduction: 'It is out already, or on its way out; look at the open orders.',
  'slice-order':
    'The bot spoke after its slice was decided; see `capstan status` for what is behind.',
  portfolio: 'Take the exit or the limit price out of what the strategy asks for.',
};

/** Says what a person can do about a refusal; `undefined` where nobody has said. */
export function adviceOn(policy: string): string | undefined {
  const known: Readonly<Record<string, Policy | undefined>> = POLICIES;
  return known[policy]?.advice ?? OTHER_ADVICE[policy];
}

/** Says in words what in a bot's own state keeps it from trading. */
export function botReasons({ botId, state, error }: BotRecord): readonly string[] {
  switch (state) {
    case 'paused':
      return [`${botId} is paused. Let it go on with: capstan bots resume ${botId}`];
    case 'crashed':
      return [
        `${botId} has crashed: ${error ?? 'for no known reason'}. After the cause is mended: capstan bots resume ${botId}`,
      ];
    case 'stopped':
      return [`${botId} is stopped. Start it again with: capstan bots resume ${botId}`];
    default:
      return [];
  }
}

/** Says why the latest decision of a bot did not become an order; nothing where it did. */
export function lastRefusal({
  denials,
  orders,
}: {
  readonly denials: readonly Denial[];
  readonly orders: readonly Order[];
}): readonly string[] {
  const last = denials.reduce<Denial | undefined>(
    (latest, one) => (latest === undefined || one.decidedAtUs > latest.decidedAtUs ? one : latest),
    undefined,
  );
  if (last === undefined || orders.some((one) => one.decidedAtUs >= last.decidedAtUs)) return [];
  const { symbol, policy, reason } = last;
  const advice = adviceOn(policy);
  const what = `Its last decision, in ${symbol}, was denied by ${policy}: ${reason}.`;
  return [advice === undefined ? what : `${what} ${advice}`];
}

/** Says in words what keeps an account from trading as it stands now, whatever its bots decide; empty where nothing does. */
export function standingReasons(
  accountId: string,
  killSwitches: readonly KillSwitchJson[],
  breakers: readonly BreakerJson[],
  drifts: readonly DriftRecord[],
): readonly string[] {
  const kills = killSwitches
    .filter((one) => one.accountId === accountId && one.mode !== 'off')
    .map(({ mode, actor, reason, progress }) => {
      const how = progress === '' ? '' : ` Now: ${progress}.`;
      return `The ${mode} kill switch of ${accountId} was thrown by ${actor}: ${reason}.${how} Lift it with: capstan unkill --account ${accountId}`;
    });
  const open = breakers
    .filter((one) => one.accountId === accountId && one.open)
    .map(
      ({ failures, reason }) =>
        `The breaker of ${accountId} is open after ${failures} failures in a row, the last: ${reason}. Only what reduces is sent. Reset it with: capstan breaker reset ${accountId}`,
    );
  const drifted = drifts
    .filter((one) => one.accountId === accountId)
    .flatMap((one) => driftText(one) ?? []);
  return [...kills, ...open, ...drifted];
}

function driftText(drift: DriftRecord): string | undefined {
  const { accountId, symbol, ledger } = drift;
  const reason = driftReason([drift], symbol);
  if (reason === undefined) return undefined;
  if (symbol === UNOPENED) return `${accountId} is not open: ${reason}.`;
  const isUnknown = symbol !== DRIFTED_CASH && ledger === 0;
  const advice = isUnknown
    ? ' Where Capstan did not buy it, sell it, or set `foreign: ignore` for the account.'
    : '';
  return `${accountId} drifts: ${reason}. Nothing is added until that is explained.${advice}`;
}
