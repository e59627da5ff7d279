import { HEALTH_TIMEOUT_MS } from '../limits.ts';

/** What a process says of itself. */
export type HealthAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unready'; readonly problem: string }
  | { readonly kind: 'silent'; readonly problem: string };

/** Asks a process whether it is ready. Never rejects. @param url base of its probes. */
export async function askHealth(url: string): Promise<HealthAnswer> {
  try {
    const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
    const response = await fetch(`${url}/health/ready`, { signal });
    const body: unknown = await response.json().catch(() => undefined);
    return response.ok ? { kind: 'ready' } : { kind: 'unready', problem: problemIn(body) };
  } catch {
    return { kind: 'silent', problem: 'does not answer' };
  }
}

/** Finds what is wrong in the answer of a readiness probe. */
export function problemIn(body: unknown): string {
  if (typeof body !== 'object' || body === null) return 'not ready';
  const { phase, checks } = { ...body } as { phase?: unknown; checks?: unknown };
  const failed = Object.entries(
    typeof checks === 'object' && checks !== null ? checks : {},
  ).flatMap(([name, result]: [string, unknown]) => {
    const { ok, reason } = { ...(result as object) } as { ok?: unknown; reason?: unknown };
    return ok === false ? [`${name}: ${String(reason ?? 'not well')}`] : [];
  });
  if (failed.length > 0) return failed.join('; ');
  return typeof phase === 'string' ? phase : 'not ready';
}
