import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { memoryOfTree } from './process-memory.ts';

it.runIf(process.platform === 'linux')('counts a process and its descendants', async () => {
  const script = 'process.stdin.resume(); process.stdout.write("up");';
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const tree = memoryOfTree(process.pid);
    const pids = tree.map((one) => one.pid);
    expect(pids).toEqual(expect.arrayContaining([process.pid, child.pid]));
    const [mine] = memoryOfTree(child.pid ?? 0);
    expect(mine?.pssKib).toBeGreaterThan(1_000);
    expect(mine?.rssKib).toBeGreaterThanOrEqual(mine?.pssKib ?? Number.POSITIVE_INFINITY);
  } finally {
    child.kill('SIGKILL');
  }
});
