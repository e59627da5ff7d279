import { LIMITS } from '../limits.ts';
import type { HealthReader, ServiceHealth } from '../ports.ts';

/** Asks a service's `/health/ready`. What does not answer in time is down; its words are shown as they are. */
export const readHealth: HealthReader = async (name, url) => {
  try {
    const response = await fetch(new URL('/health/ready', url), {
      signal: AbortSignal.timeout(LIMITS.healthTimeoutMs),
      redirect: 'error',
    });
    const report: unknown = await response.json();
    return healthOf(name, report);
  } catch (error) {
    const message =
      error instanceof Error && error.name === 'TimeoutError'
        ? 'no answer in time'
        : 'does not answer';
    return { name, state: 'down', message, checks: [] };
  }
};

/** Reads a health report; what is none counts as not ready. */
export function healthOf(name: string, report: unknown): ServiceHealth {
  const { ok, phase, checks } = fieldsOf(report);
  const found = Object.entries(fieldsOf(checks)).map(([check, result]) => {
    const { ok: isWell, reason } = fieldsOf(result);
    return {
      name: check,
      ok: isWell === true,
      ...(typeof reason === 'string' ? { message: reason } : {}),
    };
  });
  if (ok === true) return { name, state: 'ready', checks: found };
  const failed = found.filter((check) => !check.ok);
  const words = failed.map((check) => `${check.name}: ${check.message ?? 'failed'}`);
  const message = words.length > 0 ? words.join('; ') : `it is ${String(phase ?? 'not ready')}`;
  return { name, state: 'notReady', message, checks: found };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
