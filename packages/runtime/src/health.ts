import { CHECK_TIMEOUT_MS } from './limits.ts';

/** What a check found. */
export type CheckResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Looks at one thing that the service needs in order to be ready. A rejection counts as failed. */
export type HealthCheck = () => CheckResult | Promise<CheckResult>;

/** Named checks. */
export type HealthChecks = Readonly<Record<string, HealthCheck>>;

/** Where a service is in its life. */
export type Phase = 'starting' | 'started' | 'draining';

/** What a probe answers. */
export interface HealthReport {
  readonly ok: boolean;
  readonly phase: Phase;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Keeps what the probes answer. */
export interface HealthState {
  readonly phase: Phase;
  /** Moves on; a service never goes back. */
  setPhase(phase: Phase): void;
  addChecks(checks: HealthChecks): void;
  /** Alive: the process answers. It stays so while it drains. */
  live(): HealthReport;
  /** Started: its start has been completed once. */
  started(): HealthReport;
  /** Ready: started, not draining, and every check holds. */
  ready(): Promise<HealthReport>;
}

/** Makes the health of a service that is starting. */
export function createHealth(): HealthState {
  let phase: Phase = 'starting';
  const checks = new Map<string, HealthCheck>();
  return {
    get phase() {
      return phase;
    },
    setPhase: (next) => {
      if (phase !== 'draining') phase = next;
    },
    addChecks: (added) => {
      for (const [name, check] of Object.entries(added)) checks.set(name, check);
    },
    live: () => ({ ok: true, phase, checks: {} }),
    started: () => ({ ok: phase !== 'starting', phase, checks: {} }),
    ready: async () => {
      const seenPhase = phase;
      const results = await Promise.all(
        [...checks].map(async ([name, check]) => [name, await runCheck(check)] as const),
      );
      const isWell = results.every(([, result]) => result.ok);
      return {
        ok: seenPhase === 'started' && isWell,
        phase: seenPhase,
        checks: Object.fromEntries(results.sort(([a], [b]) => (a < b ? -1 : 1))),
      };
    },
  };
}

async function runCheck(check: HealthCheck): Promise<CheckResult> {
  const late = Promise.withResolvers<CheckResult>();
  const timer = setTimeout(() => {
    late.resolve({ ok: false, reason: `no answer within ${CHECK_TIMEOUT_MS} ms` });
  }, CHECK_TIMEOUT_MS);
  try {
    return await Promise.race([Promise.resolve().then(check), late.promise]);
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
