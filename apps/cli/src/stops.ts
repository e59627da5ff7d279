import { AppError } from '@capstan/domain';
import { breakerLine } from './commands/breaker.ts';
import { type Answer, type GatewayClient, listIn } from './gateway-client.ts';

/** Asks what keeps accounts from trading, a line each; none where the gateway cannot be asked: that is said elsewhere. */
export async function askStops(open: () => GatewayClient): Promise<readonly string[]> {
  const ask = async (): Promise<Answer> => open().get('/api/overview');
  const overview = await ask().catch((error: unknown): Answer => {
    if (error instanceof AppError) return {};
    throw error;
  });
  const kills = listIn(overview, 'killSwitches')
    .filter((one) => one.mode !== 'off')
    .map((one) => {
      const progress =
        one.progress === '' || one.progress === undefined ? '' : ` (${one.progress})`;
      return `${one.accountId}: killed (${one.mode}) by ${one.actor} — ${one.reason}${progress}`;
    });
  const breakers = listIn(overview, 'breakers').filter((one) => one.open === true);
  const dry = overview.dryRun === true ? ['dry run: everything but the send is done'] : [];
  return [...dry, ...kills, ...breakers.map((one) => `breaker of ${breakerLine(one)}`)];
}
