import type { Environment } from './config-source.ts';
import { readEnvironment } from './environment.ts';

/** The signals that ask a service to stop, with their numbers. */
export const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;
export type StopSignal = keyof typeof SIGNAL_NUMBERS;

/** The process around a service, so that a test can stand in for it. */
export interface Host {
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly environment: Environment;
  onSignal(listener: (signal: StopSignal) => void): void;
  /** Hears of errors that nobody caught. */
  onUncaught(listener: (error: unknown) => void): void;
  onInputEnd(listener: () => void): void;
  /** Says what cannot be logged yet. */
  complain(text: string): void;
  /** Where log lines go; undefined means standard output. */
  readonly writeLog?: (line: string) => void;
  /** Ends the process. */
  exit(code: number): void;
}

/** Returns the process that this is. */
export function processHost(): Host {
  return {
    args: process.argv.slice(2),
    environment: readEnvironment(),
    onSignal: (listener) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.on(signal, () => listener(signal));
      }
    },
    onUncaught: (listener) => {
      process.on('uncaughtException', listener).on('unhandledRejection', listener);
    },
    onInputEnd: (listener) => {
      process.stdin.on('end', listener).on('close', listener).on('error', listener);
      process.stdin.resume();
    },
    complain: (text) => void process.stderr.write(text),
    exit: (code) => process.exit(code),
  };
}
