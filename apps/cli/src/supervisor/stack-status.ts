/** Where a supervised process is in its life. `waiting`: it crashed and will be started again. */
export type ProcessState =
  | 'starting'
  | 'ready'
  | 'unready'
  | 'waiting'
  | 'failed'
  | 'stopping'
  | 'stopped';

/** How one supervised process does. */
export interface ProcessStatus {
  readonly name: string;
  readonly state: ProcessState;
  readonly pid: number | undefined;
  /** Milliseconds since it was last started; undefined while it does not run. */
  readonly uptimeMs: number | undefined;
  readonly restarts: number;
  /** What is not well, in words; empty when all is. */
  readonly problem: string;
}

/** How one bot does, as the gateway tells it. */
export interface BotStatus {
  readonly botId: string;
  readonly accountId: string;
  readonly strategy: string;
  readonly state: string;
  /** When it may open, in a few words. */
  readonly schedule: string;
  /** How much it trades, in a few words. */
  readonly sizing: string;
  /** End of the last slice it stepped, in microseconds. */
  readonly lastSliceEndUs: number | undefined;
  /** What it holds, in words; empty when flat. */
  readonly position: string;
  /** Profit and loss in micros, realised and not. */
  readonly profitMicros: number | undefined;
  readonly error: string | undefined;
}

/** How a whole stack does. */
export interface StackStatus {
  readonly phase: 'starting' | 'running' | 'stopping';
  readonly environment: string;
  readonly runId: string;
  readonly dashboardUrl: string;
  readonly processes: readonly ProcessStatus[];
  /** Undefined until the gateway has told. */
  readonly bots: readonly BotStatus[] | undefined;
}

/** Bot states in which something is wrong. */
const UNWELL_BOTS = new Set(['crashed', 'failed']);

/** Names everything that is not well; empty when the stack is healthy. */
export function problemsOf(status: StackStatus): readonly string[] {
  const processes = status.processes
    .filter(({ state }) => state !== 'ready')
    .map(
      ({ name, state, problem }) => `${name} is ${state}${problem === '' ? '' : `: ${problem}`}`,
    );
  const bots = (status.bots ?? [])
    .filter(({ state }) => UNWELL_BOTS.has(state))
    .map(({ botId, state, error }) => {
      return `bot ${botId} is ${state}${error === undefined ? '' : `: ${error}`}`;
    });
  const unknown =
    status.bots === undefined && processes.length === 0 ? ['the bots are not known yet'] : [];
  const stopping = status.phase === 'stopping' ? ['the stack is stopping'] : [];
  return [...stopping, ...processes, ...bots, ...unknown];
}
