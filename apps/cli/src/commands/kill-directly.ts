import { connectGrpc, executionService, int64 } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import type { CliErrorCode } from '../error-codes.ts';
import type { Answer } from '../gateway-client.ts';
import { KILL_DIRECT_MS } from '../limits.ts';

/** How an account, or all of them, is to be killed. */
export interface KillOrder {
  readonly mode: 'soft' | 'hard';
  readonly reason: string;
  /** All of them where absent. */
  readonly account?: string;
  /** Hard only: also flattens what Capstan does not hold. */
  readonly foreign: boolean;
}

const MODE_WORDS = ['off', 'off', 'soft', 'hard'] as const;

/**
 * Tells execution over its own gRPC: neither the gateway nor NATS, PostgreSQL or risk has a part in it.
 * @param address `host:port`.
 * @returns what the gateway would answer. @throws CLI.NOT_RUNNING where execution does not answer; what it refuses with.
 */
export async function killDirectly(address: string, order: KillOrder): Promise<Answer> {
  const { ExecutionServiceDefinition, KillMode } = executionService;
  const connection = connectGrpc(address, ExecutionServiceDefinition);
  try {
    const request = {
      accountId: order.account ?? '',
      mode: order.mode === 'hard' ? KillMode.KILL_MODE_HARD : KillMode.KILL_MODE_SOFT,
      actor: 'operator, directly',
      reason: order.reason,
      foreign: order.foreign,
    };
    const { switches } = await connection.client.kill(request, { timeoutMs: KILL_DIRECT_MS });
    const killSwitches = switches.map((one) => ({
      ...one,
      mode: MODE_WORDS[one.mode] ?? 'soft',
      sinceUs: int64.time(one.sinceUs),
    }));
    return { killSwitches };
  } catch (cause) {
    if (!(cause instanceof AppError) || !cause.code.startsWith('RPC.')) throw cause;
    throw new AppError({
      code: 'CLI.NOT_RUNNING' satisfies CliErrorCode,
      why: `Execution at ${address} does not answer either: the kill may have reached nobody.`,
      fix: "See 'capstan status'; as a last resort cancel and close at the broker itself.",
      cause,
    });
  } finally {
    connection.close();
  }
}
