import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { addCounts, type Counts, formatCounts } from '../test-summary/counts.ts';
import { atMost } from './at-most.ts';
import { CHECKS, type Check } from './checks.ts';
import { runCommand } from './run-command.ts';

const root = join(import.meta.dirname, '..', '..');
const PASSED: Counts = { passed: 1, failed: 0, skipped: 0 };
const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };
const SKIPPED: Counts = { passed: 0, failed: 0, skipped: 1 };

function say(verdict: string, name: string, startedMs: number): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${verdict.padEnd(6)}${name}  ${seconds} s`);
}

async function runCheck({ name, command }: Check): Promise<Counts> {
  const startedMs = performance.now();
  const [program, ...args] = command;
  const { exitCode, output } = await runCommand(program, args, { cwd: root });
  say(exitCode === 0 ? 'ok' : 'FAIL', name, startedMs);
  if (exitCode === 0) return PASSED;
  console.log(output.trimEnd().replace(/^/gm, '      '));
  return FAILED;
}

/** Reports known weaknesses of dependencies; no verdict, since the answer changes without the checkout. */
async function reportAudit(): Promise<void> {
  const startedMs = performance.now();
  const { output } = await runCommand('npm', ['audit', '--json', '--loglevel=silent'], {
    cwd: root,
  });
  say('note', `audit: ${auditSummary(output)}`, startedMs);
}

function auditSummary(output: string): string {
  try {
    const report = JSON.parse(output) as {
      metadata?: { vulnerabilities?: Record<string, number> };
    };
    const found = report.metadata?.vulnerabilities;
    if (found === undefined) return 'the registry gave no answer';
    const { total = 0, ...levels } = found;
    const parts = Object.entries(levels).filter(([, count]) => count > 0);
    return `${total} found${parts.map(([level, count]) => `, ${count} ${level}`).join('')}`;
  } catch {
    return 'the registry gave no answer';
  }
}

/** Runs the tests once, with coverage: a run of its own for it would double the time. */
async function runTests(): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-ci-'));
  const path = join(folder, 'counts.json');
  const startedMs = performance.now();
  try {
    const { exitCode, output } = await runCommand('vitest', ['run', '--coverage'], {
      cwd: root,
      environment: { CAPSTAN_TEST_COUNTS: path },
      echo: true,
    });
    const counts = JSON.parse(readFileSync(path, 'utf8')) as Counts;
    const broken = counts.failed > 0 || counts.passed === 0;
    say(broken ? 'FAIL' : 'ok', 'tests', startedMs);
    return addCounts([counts, ...coverageCounts({ exitCode, output, broken })]);
  } catch (error) {
    say('FAIL', `tests: ${String(error)}`, startedMs);
    return FAILED;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function coverageCounts(run: { exitCode: number; output: string; broken: boolean }): Counts[] {
  if (run.broken) {
    console.log('skip  coverage: it is measured when the tests pass');
    return run.exitCode === 0 ? [FAILED] : [SKIPPED];
  }
  console.log(run.exitCode === 0 ? 'ok    coverage' : 'FAIL  coverage');
  return [run.exitCode === 0 ? PASSED : FAILED];
}

/** Those that write go first, one after the other; the others share the cores; those that need all of them come last. */
async function runChecks(): Promise<readonly Counts[]> {
  const present = CHECKS.filter(
    ({ needs }) => needs === undefined || existsSync(join(root, needs)),
  );
  const jobs = (checks: readonly Check[]) => checks.map((check) => () => runCheck(check));
  const [first, last] = [present.filter(isWriting), present.filter(isBusy)];
  const between = present.filter((check) => !isWriting(check) && !isBusy(check));
  return [
    ...(await atMost(1, jobs(first))),
    ...(await atMost(availableParallelism(), jobs(between))),
    ...(await atMost(1, jobs(last))),
  ];
}

const isWriting = ({ writes }: Check): boolean => writes === true;
const isBusy = ({ usesAllCores }: Check): boolean => usesAllCores === true;

const counts = [...(await runChecks())];
await reportAudit();
counts.push(await runTests());
const total = addCounts(counts);
console.log(formatCounts(total));
process.exitCode = total.failed > 0 ? 1 : 0;
