import type { EndingConsole } from '../console/stack-console.ts';
import { SAME_SIGNAL_MS } from '../limits.ts';
import type { Supervisor } from './supervisor.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How far a stop is: the bots' rules run, then the services drain, or are killed. */
type Stage = 'none' | 'rules' | 'draining' | 'killed';

/** Whether, and how, the stack was told to stop. */
export interface StopRequest {
  /** Settles with the first request. */
  readonly requested: Promise<void>;
  readonly isRequested: boolean;
  /** True where an operator asked for the stop: the bots' shutdown rules run first. */
  readonly runsRules: boolean;
  /** Aborts when the rules are to be waited for no longer. */
  readonly hurry: AbortSignal;
  /** True after the signal that kills. */
  readonly wasKilled: boolean;
  /** An operator's wish that comes otherwise than by a signal. */
  request(why: string): void;
  /** Says that the rules are through: the next signal kills. */
  drain(): void;
  /** Lets further signals do nothing: what is left, tidying up, is not to be cut short by a late Ctrl-C. */
  end(): void;
}

/**
 * Turns Ctrl-C into the operator's stop: the first runs the bots' shutdown rules, the next drains at once, the one after kills.
 * SIGTERM and SIGHUP, which come from machines, drain.
 */
export function stopOnSignals(
  supervisor: Pick<Supervisor, 'stop' | 'kill'>,
  console: Pick<EndingConsole, 'say'>,
): StopRequest {
  const first = Promise.withResolvers<void>();
  const hurry = new AbortController();
  let stage: Stage = 'none';
  let lastMs = 0;
  let runsRules = false;
  let isOver = false;
  const drain = (): void => {
    if (stage === 'killed' || stage === 'draining') return;
    stage = 'draining';
    console.say('info', 'capstan', 'the services drain; again to kill them');
  };
  const begin = (why: string, isOperators: boolean): void => {
    if (stage !== 'none') return;
    stage = 'rules';
    runsRules = isOperators;
    lastMs = performance.now();
    console.say('info', 'capstan', `stopping (${why})`);
    if (!isOperators) drain();
    first.resolve();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isOver) return;
    if (stage === 'none') {
      begin(signal === 'SIGINT' ? 'Ctrl-C' : signal, signal === 'SIGINT');
      return;
    }
    if (stage === 'killed' || performance.now() - lastMs < SAME_SIGNAL_MS) return;
    lastMs = performance.now();
    if (stage === 'rules') {
      hurry.abort();
      drain();
      return;
    }
    stage = 'killed';
    console.say('warn', 'capstan', 'killing what is left');
    void supervisor.kill();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    requested: first.promise,
    get isRequested() {
      return stage !== 'none';
    },
    get runsRules() {
      return runsRules;
    },
    hurry: hurry.signal,
    get wasKilled() {
      return stage === 'killed';
    },
    request: (why) => begin(why, true),
    drain,
    end: () => {
      isOver = true;
    },
  };
}
