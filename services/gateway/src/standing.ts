import type { BreakerJson, KillSwitchJson } from './json.ts';

/** Says in words what keeps an account from trading as it stands now, whatever its bots decide; empty where nothing does. */
export function standingReasons(
  accountId: string,
  killSwitches: readonly KillSwitchJson[],
  breakers: readonly BreakerJson[],
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
  return [...kills, ...open];
}
