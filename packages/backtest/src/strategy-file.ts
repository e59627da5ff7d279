import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '@capstan/domain';
import { defineStrategy, type Strategy, StrategyRegistry } from '@capstan/strategy';
import { isPath } from './config/is-path.ts';

/**
 * Returns a strategy by name, or of a file of the user's.
 * @param named a name of the registry, or the path of a module that exports what `defineStrategy` returns.
 * @throws STRATEGY.UNKNOWN, RUN.STRATEGY_FILE
 */
export async function openStrategy(named: string): Promise<Strategy> {
  if (!isPath(named)) return new StrategyRegistry().get(named);
  if (!existsSync(named)) throw badFile(named, 'there is no such file');
  findCapstan();
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = (await import(pathToFileURL(named).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw badFile(named, `it cannot be loaded: ${why}`, cause);
  }
  const found = [...new Set(Object.values(exported).filter(isStrategy))];
  const chosen = isStrategy(exported.default) ? exported.default : found[0];
  if (chosen === undefined || (found.length > 1 && exported.default === undefined)) {
    const names = Object.keys(exported).sort().join(', ');
    const many = found.map(({ name }) => name).join(', ');
    throw badFile(
      named,
      found.length > 1
        ? `it exports several strategies (${many}) and none as the default`
        : `it exports ${names === '' ? 'nothing' : names}, and none of that is a strategy`,
    );
  }
  return defineStrategy(chosen);
}

let isHooked = false;

/** A file that lies anywhere finds the packages of this Capstan by their names, as one inside the checkout does. */
function findCapstan(): void {
  if (isHooked) return;
  isHooked = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      if (!specifier.startsWith('@capstan/')) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}

function isStrategy(value: unknown): value is Strategy {
  if (typeof value !== 'object' || value === null) return false;
  const { name, params, indicators, decide } = value as Partial<Strategy>;
  return (
    typeof name === 'string' &&
    typeof params === 'object' &&
    typeof indicators === 'function' &&
    typeof decide === 'function'
  );
}

function badFile(path: string, what: string, cause?: unknown): AppError {
  return new AppError({
    code: 'RUN.STRATEGY_FILE',
    why: `${basename(path)}: ${what}.`,
    fix: `Export one strategy as the default: export default defineStrategy({ … }). The file is ${path}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
