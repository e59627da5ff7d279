import type { AnomalyFinding, BarsReport } from '@capstan/lake';
import colors from 'picocolors';
import { timeText } from '../console/table.ts';

const EXAMPLES_SHOWN = 3;

/** Writes what the validation of a series found and did. */
export function renderReport(report: BarsReport): string {
  const { symbol, timeframe, alignment, adjustment, rowsRead, rowsKept, rowsDropped } = report;
  const marks = [alignment === 'clock' ? 'clock' : '', adjustment === 'raw' ? '' : adjustment];
  const name = [symbol, timeframe, ...marks.filter((mark) => mark !== '')].join(' ');
  const state = report.refused ? colors.red('refused') : colors.green('passed');
  const range =
    report.firstStartUs === undefined
      ? ''
      : `, ${timeText(report.firstStartUs)} to ${timeText(report.lastEndUs)}`;
  const dropped = rowsDropped === 0 ? '' : `, ${count(rowsDropped)} dropped`;
  const head = `${colors.bold(name)}  ${state}  ${count(rowsRead)} rows, ${count(rowsKept)} kept${dropped}${range}`;
  return [
    head,
    ...gapLines(report),
    ...report.anomalies.flatMap(findingLines),
    ...report.notes.map((note) => `  note: ${note}`),
  ].join('\n');
}

function gapLines({ gaps }: BarsReport): readonly string[] {
  if (gaps === undefined) return [];
  const { expectedBars, missingBars, sessions, emptySessions, longest } = gaps;
  const has = `  sessions: ${count(sessions)}, ${count(expectedBars)} bars expected`;
  if (missingBars === 0) return [`${has}, none missing`];
  const empty = emptySessions === 0 ? '' : `, ${count(emptySessions)} sessions without any`;
  const run =
    longest === undefined
      ? ''
      : `; the longest gap is ${count(longest.bars)} bars, ${timeText(longest.fromUs)} to ${timeText(longest.toUs)}`;
  return [`${has}, ${count(missingBars)} missing${empty}${run}`];
}

function findingLines(finding: AnomalyFinding): readonly string[] {
  if (finding.kind === 'gap' && finding.action === 'keep') return [];
  const { kind, action, meaning, examples } = finding;
  const shown = action === 'refuse' ? colors.red(action) : action;
  const lines = examples.slice(0, EXAMPLES_SHOWN).map(({ line, atUs, what }) => {
    const where = [line === undefined ? '' : `line ${line}`, timeText(atUs)];
    return `      ${where.filter((part) => part !== '').join(', ')}: ${what}`;
  });
  return [`  ${kind}: ${count(finding.count)}, ${shown} (${meaning})`, ...lines];
}

/** Writes a count with separators. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
