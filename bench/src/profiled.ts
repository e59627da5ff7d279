import type { RunOptions } from './benchmark.ts';

/** Returns what a service's process is given in its environment, so that it writes a profile where one of it is asked for. */
export function profiled(
  name: string,
  { profile, profileDir }: Pick<RunOptions, 'profile' | 'profileDir'>,
): Readonly<Record<string, string>> {
  if (name !== profile) return {};
  return {
    NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDir} --cpu-prof-name=${name}.cpuprofile`,
  };
}
