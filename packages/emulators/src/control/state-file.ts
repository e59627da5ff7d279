import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '@capstan/domain';
import type { AccountInput } from '../alpaca/account-inputs.ts';
import type { Fault, FaultKind } from './faults.ts';

/** What an emulator was started with, as far as its state follows from it. */
export interface StateSettings {
  readonly seed: number;
  readonly symbols: readonly string[];
  readonly accounts: readonly { readonly keyId: string }[];
}

/** When an emulator's time began, and by what it runs. */
export interface StateClock {
  readonly startUs: number;
  readonly wallUs: number;
  readonly speed: number;
}

/** Something that was done to an emulator, and when by its clock. */
export type StateEntry = { readonly atUs: number } & (
  | { readonly kind: 'input'; readonly accountId: string; readonly input: AccountInput }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'clear'; readonly of?: FaultKind }
  | { readonly kind: 'time' }
);

interface Header {
  readonly emulator: 'alpaca';
  readonly version: 1;
  readonly settings: StateSettings;
  readonly clock: StateClock;
}

/** What a state file holds. */
export interface StoredState {
  readonly clock: StateClock;
  readonly entries: readonly StateEntry[];
}

/**
 * A file of what was done to an emulator, a line each: done again, at the times at which it was, it makes the same state. Lines are
 * written before what they tell is answered.
 */
export class StateFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads what is there, or begins the file.
   * @throws EMULATOR.STATE for a file that cannot be read, and for one of other settings.
   */
  open(settings: StateSettings, clock: StateClock): StoredState {
    if (!existsSync(this.#path)) {
      const header: Header = { emulator: 'alpaca', version: 1, settings, clock };
      this.#append(header);
      return { clock, entries: [] };
    }
    const [header, ...entries] = this.#read();
    const known = header as Partial<Header> | undefined;
    if (known?.emulator !== 'alpaca' || known.version !== 1 || known.clock === undefined) {
      throw this.#problem('is no state of this emulator', 'Name another file.');
    }
    if (!isDeepStrictEqual(known.settings, settings)) {
      const { seed, symbols, accounts } = known.settings ?? settings;
      const keys = accounts.map(({ keyId }) => keyId).join(', ');
      throw this.#problem(
        `was begun with seed ${seed}, the keys ${keys} and ${symbols.length} symbols (${symbols.slice(0, 5).join(', ')}…)`,
        'Start with those, or name another file.',
      );
    }
    return { clock: known.clock, entries: entries as readonly StateEntry[] };
  }

  add(entry: StateEntry): void {
    this.#append(entry);
  }

  /** A last line that was cut off as the process died was never answered: it is left out. */
  #read(): readonly unknown[] {
    try {
      const text = readFileSync(this.#path, 'utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      const lines = whole.split('\n').filter((line) => line !== '');
      const rows = lines.map((line) => JSON.parse(line) as unknown);
      if (whole.length < text.length) truncateSync(this.#path, Buffer.byteLength(whole));
      return rows;
    } catch (cause) {
      throw this.#problem(
        `cannot be read: ${(cause as Error).message}`,
        'Name another file.',
        cause,
      );
    }
  }

  #append(row: unknown): void {
    try {
      appendFileSync(this.#path, `${JSON.stringify(row)}\n`);
    } catch (cause) {
      throw this.#problem(
        `cannot be written: ${(cause as Error).message}`,
        'Name a file in a folder that is there and may be written to.',
        cause,
      );
    }
  }

  #problem(what: string, fix: string, cause?: unknown): AppError {
    const why = `the state file ${this.#path} ${what}.`;
    return new AppError({ code: 'EMULATOR.STATE', why, fix, cause });
  }
}
