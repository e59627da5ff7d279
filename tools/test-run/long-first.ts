import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const PLATFORM = /^e2e\/src\/[^/]+$/;
const SIMULATION = /\.sim\.test\.ts$/;

/**
 * Puts what takes long before the rest, so that no core is idle at the end: whole platforms, which wait much, and simulations,
 * which only compute, in turn. The order is otherwise kept.
 * @param pathOf the path of a file from the root of the repository.
 */
export function longFirst<T>(files: readonly T[], pathOf: (file: T) => string): T[] {
  const isSimulation = (file: T): boolean => SIMULATION.test(pathOf(file));
  const simulations = files.filter(isSimulation);
  const others = files.filter((file) => !isSimulation(file));
  const platforms = others.filter((file) => PLATFORM.test(pathOf(file)));
  const short = others.filter((file) => !PLATFORM.test(pathOf(file)));
  const turns = Math.max(platforms.length, simulations.length);
  const inTurn = Array.from({ length: turns }, (_, at) => [
    ...platforms.slice(at, at + 1),
    ...simulations.slice(at, at + 1),
  ]);
  return [...inTurn.flat(), ...short];
}

/** Begins with the test files that take long. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return longFirst(sorted, ({ moduleId }) => relative(this.ctx.config.root, moduleId));
  }
}
