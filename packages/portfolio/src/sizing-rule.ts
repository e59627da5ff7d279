import { AppError, type SizingRule, sizingProblem } from '@capstan/domain';

export type { SizingRule } from '@capstan/domain';

/** Checks a sizing rule. @throws PORTFOLIO.SIZING naming the key that cannot be used. */
export function checkSizing(sizing: SizingRule): void {
  const problem = sizingProblem(sizing);
  if (problem === undefined) return;
  throw new AppError({
    code: 'PORTFOLIO.SIZING',
    why: `sizing: ${problem.key} is ${String(problem.value)}.`,
    fix: `It must be ${problem.rule}.`,
  });
}
