import { HEALTH_TIMEOUT_MS } from '../limits.ts';
import type { StackStatus } from '../supervisor/stack-status.ts';

/** What a supervisor answers about itself. */
export interface StackAnswer extends StackStatus {
  readonly healthy: boolean;
  readonly problems: readonly string[];
}

/** Asks a supervisor how its stack does. @returns undefined when it does not answer. */
export async function askStack(supervisorUrl: string): Promise<StackAnswer | undefined> {
  if (supervisorUrl === '') return undefined;
  try {
    const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
    const response = await fetch(`${supervisorUrl}/health`, { signal });
    const body: unknown = await response.json();
    return isAnswer(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function isAnswer(body: unknown): body is StackAnswer {
  return (
    typeof body === 'object' &&
    body !== null &&
    'healthy' in body &&
    'problems' in body &&
    'processes' in body &&
    Array.isArray(body.processes)
  );
}
