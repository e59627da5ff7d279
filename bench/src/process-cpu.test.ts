import { expect, it } from 'vitest';
import { cpuMsOfTree } from './process-cpu.ts';

it.runIf(process.platform === 'linux')('counts the processor time of this process', () => {
  const before = cpuMsOfTree(process.pid);
  const used = process.cpuUsage();
  let sum = 0;
  do {
    for (let index = 0; index < 1_000_000; index += 1) sum += index % 7;
  } while (process.cpuUsage(used).user < 100_000);
  expect(sum).toBeGreaterThan(0);
  expect(cpuMsOfTree(process.pid) - before).toBeGreaterThanOrEqual(80);
});
