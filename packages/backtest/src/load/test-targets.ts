import type { PreparedRun } from '../run/prepare.ts';
import type { RunOutcome } from '../run/run-one.ts';

/** What a strategy wants of a symbol from a time on: the end of the bar at which it says so, and the direction; the first is what it wants then. */
export function targetsOf(
  { result, prepared }: Pick<RunOutcome, 'result'> & { readonly prepared: PreparedRun },
  symbol: string,
  fromUs: number,
): readonly (readonly [endUs: number, direction: string])[] {
  const signals = result.signals[result.symbols.indexOf(symbol)];
  const bars = prepared.data.symbols.find(({ series }) => series.symbol === symbol)?.series.bars;
  const said = Array.from({ length: signals?.count ?? 0 }, (_, at) => {
    const endUs = bars?.endUs[signals?.row[at] ?? -1] ?? Number.NaN;
    return [endUs, signals?.targetOf(at).direction ?? ''] as const;
  });
  const firstEndUs = bars?.endUs.find((endUs) => endUs > fromUs) ?? Number.NaN;
  const before = said.filter(([endUs]) => endUs <= firstEndUs).at(-1);
  return [
    ...(before === undefined ? [] : [[firstEndUs, before[1]] as const]),
    ...said.filter(([endUs]) => endUs > firstEndUs),
  ];
}
