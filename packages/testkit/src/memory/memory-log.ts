import type { Log, LogFields } from '@capstan/ports';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of a log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** How many lines a log keeps. */
const LINES_MAX = 10_000;

/** Keeps the newest lines; a child's lines are its parent's too. */
export class MemoryLog implements Log {
  readonly #lines: LogLine[];
  readonly #fields: LogFields;
  readonly #onLine: (line: LogLine) => void;

  constructor(
    onLine: (line: LogLine) => void = () => undefined,
    fields: LogFields = {},
    lines: LogLine[] = [],
  ) {
    this.#onLine = onLine;
    this.#fields = fields;
    this.#lines = lines;
  }

  /** The lines of this log and of all that share it, the oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  debug(message: string, fields?: LogFields): void {
    this.#add('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#add('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#add('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#add('error', message, fields);
  }

  child(fields: LogFields): MemoryLog {
    return new MemoryLog(this.#onLine, { ...this.#fields, ...fields }, this.#lines);
  }

  #add(level: LogLevel, message: string, fields: LogFields = {}): void {
    const line = { level, message, fields: { ...this.#fields, ...fields } };
    this.#lines.push(line);
    if (this.#lines.length > LINES_MAX) this.#lines.shift();
    this.#onLine(line);
  }
}
