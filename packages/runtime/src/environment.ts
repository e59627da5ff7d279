import type { Environment } from './config-source.ts';

/** Returns a copy of this process's environment: the only place where it is read. */
export function readEnvironment(): Environment {
  return { ...process.env };
}
