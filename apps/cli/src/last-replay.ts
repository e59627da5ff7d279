import { AppError } from '@capstan/domain';
import { type Answer, type GatewayClient, listIn } from './gateway-client.ts';

/** Asks what the replay of the last session found, by account; nothing where the gateway cannot be asked: that is said elsewhere. */
export async function askLastReplay(open: () => GatewayClient): Promise<readonly Answer[]> {
  try {
    return listIn(await open().get('/api/replays'), 'replays');
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}
