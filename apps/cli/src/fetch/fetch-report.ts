import type { FetchResult, FetchSettings, SymbolOutcome } from '@capstan/fetch';
import colors from 'picocolors';
import { count } from '../commands/data-report.ts';
import { renderTable } from '../console/table.ts';

const STATE: Readonly<Record<SymbolOutcome['state'], string>> = {
  fetched: 'fetched',
  there: 'nothing missing',
  empty: 'no bars in the span',
  kept: 'not whole yet',
  failed: 'failed',
};

/** Writes what a fetch came to: a line a symbol, what is to be known beside, and how to look at it. */
export function renderFetch(
  result: FetchResult,
  settings: FetchSettings,
  options: { readonly lakeRoot: string; readonly seconds: number },
): string {
  const { fromDate, untilDate, rows } = result;
  const rate = options.seconds > 0 ? `, ${count(Math.round(rows / options.seconds))} a second` : '';
  const head = `${settings.source} → ${options.lakeRoot}: ${settings.venue}, ${settings.timeframe} bars, ${fromDate} to ${untilDate}`;
  const failures = result.outcomes.flatMap(({ symbol, failure }) =>
    failure === undefined ? [] : [`${colors.red(symbol)}: ${failure.message} [${failure.code}]`],
  );
  const refused = result.outcomes.flatMap(refusalLines);
  return [
    colors.bold(head),
    table(result.outcomes),
    `${count(rows)} bars came in ${options.seconds.toFixed(1)} s${rate}.`,
    ...result.notes.map((note) => `note: ${note}`),
    ...failures,
    ...refused,
    ...(result.outcomes.some(({ manifest }) => manifest !== undefined)
      ? [`Look at them: capstan data check --venue ${settings.venue} --lake ${options.lakeRoot}`]
      : []),
  ].join('\n');
}

function table(outcomes: readonly SymbolOutcome[]): string {
  return renderTable(
    [
      { title: 'symbol', text: ({ symbol }) => symbol },
      { title: '', text: ({ state }) => STATE[state] },
      { title: 'added', align: 'right', text: ({ added }) => count(added) },
      { title: 'replaced', align: 'right', text: ({ replaced }) => count(replaced) },
      {
        title: 'bars in all',
        align: 'right',
        text: ({ manifest }) => (manifest === undefined ? '' : count(manifest.rows)),
      },
      { title: 'gaps', align: 'right', text: gapsText },
      { title: 'anomalies', text: anomaliesText },
      { title: 'actions', align: 'right', text: ({ actions }) => String(actions ?? '') },
    ],
    outcomes,
  );
}

function gapsText({ report }: SymbolOutcome): string {
  return report?.gaps === undefined ? '' : count(report.gaps.missingBars);
}

function anomaliesText({ report }: SymbolOutcome): string {
  const found = (report?.anomalies ?? []).filter(({ kind }) => kind !== 'gap');
  return found
    .map(({ kind, count: rows, action }) => `${count(rows)} ${kind} (${action})`)
    .join(', ');
}

function refusalLines({ symbol, report }: SymbolOutcome): readonly string[] {
  if (report?.refused !== true) return [];
  const kinds = report.anomalies.filter(({ action }) => action === 'refuse');
  const rules = kinds.map(({ kind }) => `${kind}=drop`).join(', ');
  const seen = kinds.map(({ kind, meaning, examples }) => {
    const [example] = examples;
    return `${kind}: ${meaning}${example === undefined ? '' : `, such as ${example.what}`}`;
  });
  return [
    `${colors.red(symbol)}: nothing of it was written: ${seen.join('; ')}. Set \`onAnomaly: [${rules}]\` to leave those rows out; they are not asked for again.`,
  ];
}
