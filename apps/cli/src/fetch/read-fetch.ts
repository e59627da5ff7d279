import { readFileSync } from 'node:fs';
import { type ConfigSource, keyIssues, parseSource } from '@capstan/backtest';
import { dateOfDay, dayNumber, newYorkDayOf } from '@capstan/calendar';
import { AppError } from '@capstan/domain';
import type { FetchSettings } from '@capstan/fetch';
import { type FetchFile, fetchJsonSchema, fetchSchema } from './fetch-schema.ts';

interface KeyIssue {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

/**
 * Reads the configuration of a fetch.
 * @throws FETCH.FILE; RUN.SYNTAX; FETCH.INVALID with a line for each fault: file, line, column, key, value and what is allowed.
 */
export function readFetchFile(file: string): FetchFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new AppError({
      code: 'FETCH.FILE',
      why: `${file} cannot be read (${reason}).`,
      fix: 'Name a readable YAML file with --config; configs/fetch.yaml is a sample.',
      cause,
    });
  }
  const source = parseSource(text, file);
  const parsed = fetchSchema.safeParse(source.values);
  const issues = parsed.success
    ? relations(parsed.data)
    : keyIssues(parsed.error.issues, fetchJsonSchema(), source.values);
  if (parsed.success && issues.length === 0) return parsed.data;
  throw invalid(file, source, issues);
}

/** What single keys cannot say. */
function relations({
  symbol,
  symbols,
  start,
  end,
  provider,
  feed,
}: FetchFile): readonly KeyIssue[] {
  const found: KeyIssue[] = [];
  const wrong = (key: string, text: string) => found.push({ path: [key], text });
  if (symbol !== undefined && symbols !== undefined) {
    wrong('symbols', "'symbols' and 'symbol' are both given; give one of them.");
  }
  if (symbol === undefined && symbols === undefined) {
    wrong('symbol', "'symbol' is missing; allowed: a symbol, or 'symbols' with several.");
  }
  const twice = symbols?.find((one, at) => symbols.indexOf(one) !== at);
  if (twice !== undefined) wrong('symbols', `'symbols' names ${twice} twice.`);
  for (const [key, date] of [
    ['start', start],
    ['end', end],
  ] as const) {
    if (date !== undefined && !isDate(date)) wrong(key, `'${key}' is ${date}, which is no date.`);
  }
  if (end !== undefined && end < start) wrong('end', `'end' is ${end}, before 'start' ${start}.`);
  if (feed !== undefined && provider !== 'alpaca') {
    wrong('feed', `'feed' is ${JSON.stringify(feed)}; only alpaca has feeds to choose from.`);
  }
  if (provider === 'alpaca' && feed !== undefined && !HISTORY_FEEDS.includes(feed)) {
    const allowed = HISTORY_FEEDS.join(', ');
    wrong('feed', `'feed' is ${JSON.stringify(feed)}; allowed: one of ${allowed}.`);
  }
  return found;
}

const HISTORY_FEEDS = ['iex', 'sip'];

function isDate(text: string): boolean {
  try {
    dayNumber(text);
    return true;
  } catch {
    return false;
  }
}

function invalid(file: string, source: ConfigSource, issues: readonly KeyIssue[]): AppError {
  const lines = issues.map(({ path, text }) => `${placeOf(source, path) ?? file}: ${text}`);
  return new AppError({
    code: 'FETCH.INVALID',
    why: `the fetch cannot be used:\n${[...new Set(lines)].map((line) => `  ${line}`).join('\n')}\n`,
    fix: 'configs/fetch.yaml is a sample, and configs/fetch.schema.json has every key.',
  });
}

function placeOf(source: ConfigSource, path: readonly PropertyKey[]): string | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const place = source.locate(path.slice(0, length));
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Returns what a configuration asks for. @param nowUs of this machine: an end that is not given is today. */
export function fetchSettings(
  file: FetchFile,
  { force, nowUs }: { readonly force: boolean; readonly nowUs: number },
): FetchSettings {
  const feed = file.provider === 'alpaca' ? (file.feed ?? 'iex') : undefined;
  const source = feed === undefined ? file.provider : `${file.provider} ${feed}`;
  return {
    source,
    venue: file.venue ?? source.toUpperCase().replaceAll(' ', '-'),
    symbols: [...(file.symbols ?? []), ...(file.symbol === undefined ? [] : [file.symbol])].sort(),
    timeframe: file.timeframe,
    adjustment: file.adjust,
    fromDate: file.start,
    // A day more than today: whatever this clock says, the day that runs is known by the vendor's.
    toDate: file.end ?? dateOfDay(newYorkDayOf(nowUs) + 1),
    force,
  };
}
