import { AppError } from '@capstan/domain';

/** Finds `--config <file>` or `--config=<file>` among arguments. @returns undefined when absent. */
export function configArgument(args: readonly string[]): string | undefined {
  const joined = args.find((argument) => argument.startsWith('--config='));
  if (joined !== undefined) return joined.slice('--config='.length);
  const at = args.indexOf('--config');
  return at < 0 ? undefined : args[at + 1];
}

/** Checks a service's arguments. @returns the configuration file. @throws RUNTIME.USAGE */
export function parseArguments(args: readonly string[]): string | undefined {
  const rest = [...args];
  let file: string | undefined;
  while (rest.length > 0) {
    const argument = rest.shift() ?? '';
    if (argument.startsWith('--config=')) file = argument.slice('--config='.length);
    else if (argument === '--config') file = rest.shift();
    else throw usage(`Unknown argument '${argument}'.`);
    if (file === undefined || file === '') throw usage('--config needs the path of a file.');
  }
  return file;
}

function usage(why: string): AppError {
  return new AppError({ code: 'RUNTIME.USAGE', why, fix: 'Usage: [--config <file>]' });
}
