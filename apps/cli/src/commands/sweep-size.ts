import type { PreparedRun, SweepEstimate } from '@capstan/backtest';
import { AppError } from '@capstan/domain';
import { grouped } from './metric-text.ts';
import { durationText } from './progress-line.ts';

/** Says how large a sweep is and how long it will take. */
export function sweepSizeText({ grid }: PreparedRun, estimate: SweepEstimate): string {
  const axes = grid.axes.map(({ name, length }) => `${grouped(length)} of ${name}`).join(' × ');
  const { seconds, threads } = estimate;
  return `${grouped(grid.count)} combinations (${axes}) take about ${durationText(seconds)} on ${threads} threads.`;
}

/** Says that a large sweep must be confirmed. */
export function unconfirmed(size: string): AppError {
  return new AppError({
    code: 'RUN.CONFIRM',
    why: size,
    fix: 'Say --yes to start it, or make the ranges coarser.',
  });
}
