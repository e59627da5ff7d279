/** Levels of a line, least first. */
export const LINE_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LineLevel = (typeof LINE_LEVELS)[number];

/** A line that a service said. */
export interface LogLine {
  readonly level: LineLevel;
  /** For people: message and fields, without time and service. */
  readonly text: string;
  /** When it was said, as the service wrote it; undefined for lines that are not the logger's. */
  readonly time: string | undefined;
  /** True for text that is not the logger's own: a stack, a warning of the runtime. */
  readonly isRaw: boolean;
}

/** Fields that the table or the file's name already say. */
const LEFT_OUT = new Set(['level', 'time', 'service', 'msg', 'pid', 'hostname', 'err']);

/** Reads a line of a service's JSON log; any other text becomes an information, or a warning on the error output. */
export function readLogLine(raw: string, stream: 'out' | 'err'): LogLine {
  const record = asRecord(raw);
  if (record === undefined) {
    return { level: stream === 'err' ? 'warn' : 'info', text: raw, time: undefined, isRaw: true };
  }
  const level = LINE_LEVELS.find((known) => known === record.level) ?? 'info';
  const fields = Object.entries(record)
    .filter(([key]) => !LEFT_OUT.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const text = [String(record.msg ?? ''), ...fields, ...errorText(record.err)].join(' ').trim();
  const time = typeof record.time === 'string' ? record.time : undefined;
  return { level, text, time, isRaw: false };
}

function asRecord(raw: string): Readonly<Record<string, unknown>> | undefined {
  if (!raw.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null && 'level' in value
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}

function errorText(error: unknown): string[] {
  if (typeof error === 'string') return [error];
  if (typeof error !== 'object' || error === null) return [];
  const { code, why, message, fix } = { ...error } as Readonly<Record<string, unknown>>;
  const parts = [code, why ?? message, fix].filter((part) => typeof part === 'string');
  return parts.length === 0 ? [] : [`— ${parts.join(': ')}`];
}

const NOISE = /^\s*$|^\s+at |^Node\.js v|^\s*\^+\s*$/;

/** Finds among the last lines of a process the one that best says why it ended. */
export function tellingLine(lines: readonly string[]): string | undefined {
  const telling = lines.filter((line) => !NOISE.test(line));
  return (
    telling.findLast((line) => /\b[A-Za-z]*Error\b|[A-Z]+\.[A-Z_]+/.test(line)) ?? telling.at(-1)
  );
}

/** Writes a line for people: `14:30:05.120 WARN  risk: text`. */
export function formatLogLine(service: string, line: LogLine, nowMs: number): string {
  const at = line.time === undefined ? nowMs : Date.parse(line.time);
  return `${clockTime(at)} ${line.level.toUpperCase().padEnd(5)} ${service}: ${line.text}`;
}

/** Returns the local time of day, `14:30:05.120`. */
export function clockTime(atMs: number): string {
  const at = new Date(Number.isFinite(atMs) ? atMs : 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  return `${time}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
