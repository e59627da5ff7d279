import { assert } from '@capstan/domain';
import { expect, it } from 'vitest';
import { runSim, SimFailure, type SimOptions } from './run-sim.ts';
import { shrinkFailure } from './shrink.ts';

const ALL = Array.from({ length: 60 }, (_, index) => index + 1);

it('finds the faults that a failure needs, and the shortest run that still fails', async () => {
  const needs = [7, 31, 58];
  const fails = (faults: readonly number[], size: number) =>
    Promise.resolve(size >= 13 && needs.every((one) => faults.includes(one)));
  const shrunk = await shrinkFailure({ faults: ALL, size: 40, runsMax: 300, fails });
  expect(shrunk.faults).toEqual(needs);
  expect(shrunk.size).toBe(13);
});

it('says that no fault is needed where a run fails without', async () => {
  const fails = (_: readonly number[], size: number) => Promise.resolve(size >= 1);
  expect(await shrinkFailure({ faults: ALL, size: 8, runsMax: 50, fails })).toMatchObject({
    faults: [],
    size: 1,
  });
});

it('runs no more often than told, and keeps what failed', async () => {
  let runs = 0;
  const fails = (faults: readonly number[]) => {
    runs += 1;
    return Promise.resolve(faults.includes(1) && faults.includes(60));
  };
  const shrunk = await shrinkFailure({ faults: ALL, size: 40, runsMax: 6, fails });
  expect(runs).toBe(6);
  expect(shrunk.runs).toBe(6);
  expect(await fails(shrunk.faults)).toBe(true);
});

/** A process that writes down notes, one a round; the bus now and then takes one without telling. */
const noted = (seed: number, onlyFaults?: readonly number[]): SimOptions => ({
  seed,
  untilMs: 20_000,
  faults: { noticeDropped: 0.3 },
  onlyFaults,
  build: (world) => {
    world.process('speaker', ({ bus, clock }) => ({
      run: async () => {
        for (let round = 0; round < 100; round += 1) {
          await bus.notify('control.x', new Uint8Array([round])).catch(() => undefined);
          await clock.sleep(100);
        }
      },
    }));
  },
  check: (world) => assert((world.faults.counts.noticeDropped ?? 0) < 2, 'two notices are lost'),
});

it('lets only the chosen faults of a seed strike', async () => {
  const whole = await runSim(noted(3)).catch((error: unknown) => error);
  assert(whole instanceof SimFailure, 'the run without a choice fails');
  expect(whole.report.struck.length).toBeGreaterThan(10);
  expect((await runSim(noted(3, []))).faults).toEqual({});
  const fails = async (faults: readonly number[]) =>
    runSim(noted(3, faults)).then(
      () => false,
      () => true,
    );
  const { faults } = await shrinkFailure({
    faults: whole.report.struck,
    size: 1,
    runsMax: 300,
    fails,
  });
  expect(faults).toHaveLength(2);
  const again = await runSim(noted(3, faults)).catch((error: unknown) => error);
  assert(again instanceof SimFailure, 'the shrunk run fails');
  expect(again.report.faults).toEqual({ noticeDropped: 2 });
  expect(again.report.struck).toEqual(faults);
});
