import type { Evidence } from './evidence.ts';
import { seconds } from './fault.ts';
import type { Finding } from './verdict.ts';

/** How one fault went. */
export interface Stroke {
  readonly name: string;
  readonly outcome: 'survived' | 'skipped' | 'failed';
  /** What was seen, or why it failed. */
  readonly seen: string;
  readonly resumedMs?: number;
}

/** How much there was of what the faults were to harm. */
export interface Load {
  readonly slices: number;
  readonly orders: number;
  readonly fills: number;
  /** Orders that arrived at the venue more than once: it took each once. */
  readonly sentAgain: number;
  /** Messages of owners that the bus holds more than once, word for word: receivers drop them. */
  readonly toldAgain: number;
}

/** Counts what was traded. */
export function loadOf({ live, tellings, arrivals, bus }: Evidence): Load {
  return {
    slices: tellings.size,
    orders: live.orders.length,
    fills: live.fills.length,
    toldAgain: bus.repeats,
    sentAgain: [...arrivals.values()].filter((times) => times > 1).length,
  };
}

/** Writes a table of the faults, in the order of their names, those of one name as one row. */
export function faultTable(strokes: readonly Stroke[]): string {
  const names = [...new Set(strokes.map(({ name }) => name))].sort();
  const rows = names.map((name) => rowOf(strokes.filter((one) => one.name === name)));
  return tableOf(['fault', 'times', 'outcome', 'works again after', 'seen'], rows);
}

function rowOf(strokes: readonly Stroke[]): readonly string[] {
  const [first] = strokes;
  const worst =
    strokes.find((one) => one.outcome === 'failed') ??
    strokes.find((one) => one.outcome === 'survived') ??
    first;
  const times = strokes.flatMap(({ resumedMs }) => (resumedMs === undefined ? [] : [resumedMs]));
  return [
    first?.name ?? '',
    String(strokes.length),
    worst?.outcome ?? '',
    spanOf(times),
    worst?.seen ?? '',
  ];
}

function spanOf(times: readonly number[]): string {
  if (times.length === 0) return '';
  const [least, most] = [seconds(Math.min(...times)), seconds(Math.max(...times))];
  return least === most ? least : `${least} to ${most}`;
}

/** Writes a table of what was promised, with what speaks against it below. */
export function verdictTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ promise, problems }) => [
    problems.length === 0 ? 'kept' : 'BROKEN',
    promise,
  ]);
  const problems = findings.flatMap((one) => one.problems.map((problem) => `  ${problem}`));
  return [tableOf(['promise', ''], rows), ...problems].join('\n');
}

/** Says in a line how much was traded meanwhile. */
export function loadLine({ slices, orders, fills, sentAgain, toldAgain }: Load): string {
  const again = `orders that arrived at the venue again, and were not placed again: ${sentAgain}`;
  return `${slices} slices, ${orders} orders, ${fills} fills; ${again}; messages that are on the bus again, word for word: ${toldAgain}`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
