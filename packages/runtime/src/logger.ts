import type { Log, LogFields } from '@capstan/ports';
import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { lineRedactor, redactFields } from './redact.ts';
import { activeTrace } from './tracing.ts';

/** Levels of importance, least first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** How to make a logger. */
export interface LoggerOptions {
  /** The service that speaks. */
  readonly service: string;
  /** The run that every line belongs to; a process that has none leaves it out. */
  readonly runId?: string | undefined;
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** Texts that must never appear. */
  readonly secrets?: readonly string[];
  /** Where finished lines go. Default: standard output. */
  readonly write?: (line: string) => void;
}

/** A log that can also say what ends the process, and can be emptied before that. */
export interface ServiceLog extends Log {
  fatal(message: string, fields?: LogFields): void;
  child(fields: LogFields): ServiceLog;
  /** Writes out what is buffered; returns when it has been handed to the system. */
  flush(): void;
}

/** How well-known fields are written. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  runId: 'run_id',
  traceId: 'trace_id',
  spanId: 'span_id',
  correlationId: 'correlation_id',
  error: 'err',
};

/**
 * Makes a service's log. Every line carries `service` and `run_id`, and `trace_id` where it is bound or a recorded span is active.
 * Fields whose keys name secrets, registered secret texts and passwords in URLs are hidden.
 */
export function createLogger(options: LoggerOptions): ServiceLog {
  const redact = lineRedactor(options.secrets ?? []);
  const out = options.write === undefined ? standardOutput() : undefined;
  const write = options.write ?? ((line: string): void => void out?.write(line));
  const shape = options.format === 'text' ? textShape() : (line: string): string => line;
  const stream: DestinationStream = { write: (line) => write(shape(redact(line))) };
  const logger = pino(
    {
      level: options.level,
      base: {
        service: options.service,
        ...(options.runId === undefined ? {} : { run_id: options.runId }),
      },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (fields: unknown) => fields },
    },
    stream,
  );
  return logOver(logger, { flush: () => out?.flushSync(), isTraced: false });
}

function standardOutput(): ReturnType<typeof destination> {
  return destination({ dest: 1, sync: true });
}

function textShape(): (line: string) => string {
  const pretty = prettyFactory({
    colorize: process.stdout.isTTY === true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,service',
    messageFormat: '{service}: {msg}',
    singleLine: true,
  });
  return (line) => pretty(line) ?? '';
}

/** What a log shares with its children, and whether its lines are bound to a trace. */
interface LogParts {
  readonly flush: () => void;
  readonly isTraced: boolean;
}

function logOver(logger: Logger, parts: LogParts): ServiceLog {
  const say =
    (level: LogLevel | 'fatal') =>
    (message: string, fields?: LogFields): void => {
      if (!logger.isLevelEnabled(level)) return;
      const own = fields === undefined ? undefined : named(fields);
      const active = parts.isTraced || (own && 'trace_id' in own) ? undefined : activeTrace();
      if (own === undefined && active === undefined) logger[level](message);
      else logger[level]({ ...active, ...own }, message);
    };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    fatal: say('fatal'),
    child: (fields) => {
      const bound = named(fields);
      const isTraced = parts.isTraced || 'trace_id' in bound;
      return logOver(logger.child(bound), { ...parts, isTraced });
    },
    flush: parts.flush,
  };
}

function named(fields: LogFields): Record<string, unknown> {
  const renamed = Object.entries(redactFields(fields)).map(
    ([key, value]) => [FIELD_NAMES[key] ?? key, value] as const,
  );
  return Object.fromEntries(renamed);
}
