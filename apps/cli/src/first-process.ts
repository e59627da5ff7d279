import type { EventEmitter } from 'node:events';

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/** What of a process is needed to end it by a signal. */
export interface SignalledProcess extends Pick<EventEmitter, 'on' | 'listenerCount'> {
  readonly pid: number;
  exit(code: number): void;
}

/**
 * Lets signals end the command where it is process 1, as in a container: the kernel does nothing by itself there. A command that hears a
 * signal itself is left alone.
 */
export function endAsFirstProcess(own: SignalledProcess = process): void {
  if (own.pid !== 1) return;
  for (const [signal, number] of Object.entries(SIGNALS)) {
    own.on(signal, () => {
      if (own.listenerCount(signal) === 1) own.exit(128 + number);
    });
  }
}
