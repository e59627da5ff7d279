import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Log } from '@capstan/ports';

/** An emulated Alpaca in a process of its own. */
export interface EmulatedAlpaca {
  readonly url: string;
  kill(): void;
}

/** Starts one. @param time whether its clock stands, within a session, or is the wall's. */
export async function startEmulatedAlpaca(time: 'standing' | 'running'): Promise<EmulatedAlpaca> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'emulated-alpaca-child.ts'), time],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const url of createInterface({ input: child.stdout })) {
    return { url, kill: () => void child.kill() };
  }
  throw new Error('the emulator ended before it said where it is');
}

/** Says nothing. */
export const SILENT: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};
