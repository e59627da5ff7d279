import { AppError } from '@capstan/domain';
import { type Answer, type GatewayClient, listIn } from './gateway-client.ts';

/** Asks which alert channels fail, a line each; none where the gateway cannot be asked: that is said elsewhere. */
export async function askFailingChannels(open: () => GatewayClient): Promise<readonly string[]> {
  try {
    const answer = await open().get('/api/alerts', { open: true });
    return listIn(answer, 'channels').filter(isFailing).map(failingLine);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

const isFailing = ({ problem }: Answer): boolean => problem !== '';

function failingLine({ channel, problem, failures, pending }: Answer): string {
  const waits = pending === 0 ? '' : `; ${pending} wait`;
  return `alert channel ${channel} fails, ${failures} in a row: ${problem}${waits}`;
}
