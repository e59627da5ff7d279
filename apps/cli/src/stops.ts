import { AppError, cashMicros, formatCash } from '@capstan/domain';
import { breakerLine } from './commands/breaker.ts';
import { timeText } from './console/table.ts';
import { type Answer, type GatewayClient, listIn } from './gateway-client.ts';

/** Asks what keeps accounts from trading, a line each; none where the gateway cannot be asked: that is said elsewhere. */
export async function askStops(open: () => GatewayClient): Promise<readonly string[]> {
  const ask = (path: string): Promise<Answer> =>
    Promise.resolve()
      .then(() => open().get(path, { open: true }))
      .catch((error: unknown): Answer => {
        if (error instanceof AppError) return {};
        throw error;
      });
  const [overview, drifted] = [await ask('/api/overview'), await ask('/api/drifts')];
  const kills = listIn(overview, 'killSwitches')
    .filter((one) => one.mode !== 'off')
    .map((one) => {
      const progress =
        one.progress === '' || one.progress === undefined ? '' : ` (${one.progress})`;
      return `${one.accountId}: killed (${one.mode}) by ${one.actor} — ${one.reason}${progress}`;
    });
  const breakers = listIn(overview, 'breakers').filter((one) => one.open === true);
  const dry = overview.dryRun === true ? ['dry run: everything but the send is done'] : [];
  const drifts = listIn(drifted, 'drifts').map(driftLine);
  return [...dry, ...kills, ...drifts, ...breakers.map((one) => `breaker of ${breakerLine(one)}`)];
}

/** Says in what ledger and broker differ. */
function driftLine({ accountId, symbol, ledger, broker, openedAtUs }: Answer): string {
  const isCash = symbol === '$cash' || symbol === '$opening';
  const text = (value: unknown) => (isCash ? formatCash(cashMicros(Number(value))) : String(value));
  if (symbol === '$opening') {
    const told = `the configuration says cash: ${text(ledger)}, the broker holds ${text(broker)}`;
    return `${accountId}: not open: ${told}: leave \`cash\` out, or write \`cash: ${text(broker)}\``;
  }
  const what = isCash ? 'cash' : symbol;
  return `${accountId}: drift of ${what} since ${timeText(openedAtUs)} UTC: ledger ${text(ledger)}, broker ${text(broker)}`;
}
