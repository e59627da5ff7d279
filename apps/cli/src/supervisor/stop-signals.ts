import type { EndingConsole } from '../console/stack-console.ts';
import { SAME_SIGNAL_MS } from '../limits.ts';
import type { Supervisor } from './supervisor.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Whether, and how, the stack was told to stop. */
export interface StopRequest {
  /** Settles with the first request. */
  readonly requested: Promise<void>;
  readonly isRequested: boolean;
  /** True after a second signal. */
  readonly wasKilled: boolean;
  request(why: string): void;
  /** Stops listening. */
  end(): void;
}

/** Turns Ctrl-C into the operator's stop: the first signal drains, the second kills. */
export function stopOnSignals(
  supervisor: Pick<Supervisor, 'stop' | 'kill'>,
  console: Pick<EndingConsole, 'say'>,
): StopRequest {
  const first = Promise.withResolvers<void>();
  let isRequested = false;
  let wasKilled = false;
  let firstMs = 0;
  const request = (why: string): void => {
    if (isRequested) return;
    isRequested = true;
    firstMs = performance.now();
    console.say('info', 'capstan', `stopping (${why}): the services drain; again to kill them`);
    first.resolve();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!isRequested) {
      request(signal === 'SIGINT' ? 'Ctrl-C' : signal);
      return;
    }
    if (wasKilled || performance.now() - firstMs < SAME_SIGNAL_MS) return;
    wasKilled = true;
    console.say('warn', 'capstan', 'killing what is left');
    void supervisor.kill();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    requested: first.promise,
    get isRequested() {
      return isRequested;
    },
    get wasKilled() {
      return wasKilled;
    },
    request,
    end: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
