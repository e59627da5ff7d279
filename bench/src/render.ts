import { type Figure, isReached, type Result } from './benchmark.ts';
import type { Machine } from './machine.ts';

/** Writes a number with as many decimals as mean something. */
export function numberText(value: number): string {
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

function barText({ bar, unit }: Figure): string {
  return bar === undefined ? '' : `${bar.better === 'less' ? '≤' : '≥'} ${bar.value} ${unit}`;
}

function verdict(figure: Figure): string {
  const reached = isReached(figure);
  return reached === undefined ? '' : reached ? 'reached' : 'MISSED';
}

/** Describes a machine in one line. */
export function machineLine(machine: Machine): string {
  const { cores, cpu, memoryGib, node, system, load, commit, at } = machine;
  return (
    `${cores} cores (${cpu}), ${memoryGib} GiB, ${system}, Node.js ${node}, ` +
    `load ${load} before it began, commit ${commit}, ${at}`
  );
}

/** Renders a result for a terminal. */
export function resultText(result: Result): string {
  const rows = result.figures.map((figure) => {
    const { what, value, unit, spread } = figure;
    const times =
      spread === undefined
        ? ''
        : `  (p50 ${numberText(spread.p50)}, p99 ${numberText(spread.p99)}, max ${numberText(spread.max)}, n ${spread.count})`;
    const bar = barText(figure);
    const aim = bar === '' ? '' : `  bar ${bar}: ${verdict(figure)}`;
    return `  ${what}: ${numberText(value)} ${unit}${aim}${times}`;
  });
  const lines = [result.benchmark, `  ${result.how}`, ...rows];
  return [...lines, ...result.notes.map((note) => `  ${note}`)].join('\n');
}

/** Renders a result for the page of figures. */
export function resultMarkdown(result: Result, machine: Machine): string {
  const rows = result.figures.map((figure) => {
    const { what, value, unit, spread } = figure;
    const times =
      spread === undefined ? ['', ''] : [numberText(spread.p50), numberText(spread.p99)];
    const cells = [
      what,
      `${numberText(value)} ${unit}`,
      barText(figure),
      verdict(figure),
      ...times,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `\`npm run bench -- ${result.benchmark}\``,
    '',
    result.how,
    '',
    '| what | figure | bar | | p50 | p99 |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...result.notes.map((note) => `- ${note}`),
    `- Measured on ${machineLine(machine)}.`,
  ].join('\n');
}
