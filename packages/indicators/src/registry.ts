import { AppError } from '@capstan/domain';
import { BUILT_IN_INDICATORS } from './built-ins.ts';
import { INDICATOR_DUPLICATE, INDICATOR_UNKNOWN } from './error-codes.ts';
import type { Indicator } from './indicator.ts';

/** Indicators by name, for lists and for whoever has only a name; strategies use the definitions themselves. */
export class IndicatorRegistry {
  readonly #byName = new Map<string, Indicator>();

  constructor(definitions: readonly Indicator[] = BUILT_IN_INDICATORS) {
    for (const definition of definitions) this.register(definition);
  }

  /** Adds a definition. @throws INDICATOR.DUPLICATE when its name is taken. */
  register(definition: Indicator): void {
    if (this.#byName.has(definition.name)) {
      throw new AppError({
        code: INDICATOR_DUPLICATE,
        why: `an indicator named '${definition.name}' is already registered.`,
        fix: 'Give this one another name.',
      });
    }
    this.#byName.set(definition.name, definition);
  }

  /** Returns the indicator of that name. @throws INDICATOR.UNKNOWN listing those that there are. */
  get(name: string): Indicator {
    const found = this.#byName.get(name);
    if (found !== undefined) return found;
    throw new AppError({
      code: INDICATOR_UNKNOWN,
      why: `no indicator named '${name}'.`,
      fix: `Known: ${[...this.#byName.keys()].sort().join(', ')}.`,
    });
  }

  /** Returns all, sorted by name. */
  list(): readonly Indicator[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
