import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Benchmark, isReached, type Result } from './benchmark.ts';
import { BENCHMARKS } from './benchmarks.ts';
import { type Machine, thisMachine } from './machine.ts';
import { withFigures } from './page.ts';
import { machineLine, resultMarkdown, resultText } from './render.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');
const WIDTH = 20;

const USAGE = `Measures the platform on this machine: real processes, a NATS and a PostgreSQL that keep what they acknowledge.

  npm run bench                            everything, in order
  npm run bench -- latency-spread sim      these
  npm run bench -- --list                  what there is

  --json              figures as JSON on standard output, and nothing else there
  --write             put the figures into docs/benchmarks.md
  --profile <name>    write a CPU profile of this service, where a benchmark runs services
  --profile-dir <dir> where profiles are written (default: the current folder)
  --strict            exit code 1 where a figure misses its bar
  -h, --help          this

${BENCHMARKS.map(({ name, title }) => `  ${name.padEnd(WIDTH)}${title}`).join('\n')}
`;

const OPTIONS = {
  json: { type: 'boolean' },
  write: { type: 'boolean' },
  profile: { type: 'string' },
  'profile-dir': { type: 'string' },
  strict: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Runs the benchmarks that are asked for. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  if (values.help === true || values.list === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const unknown = positionals.find((name) => BENCHMARKS.every((one) => one.name !== name));
  if (unknown !== undefined) {
    process.stderr.write(`No benchmark is called '${unknown}'.\n\n${USAGE}`);
    return 2;
  }
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const chosen = BENCHMARKS.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const machine = thisMachine();
  if (values.json !== true) process.stdout.write(`${machineLine(machine)}\n`);
  const profileDir = resolve(values['profile-dir'] ?? '.');
  const results: Result[] = [];
  for (const benchmark of chosen) {
    const result = await runOne(benchmark, { profile: values.profile, profileDir, say });
    results.push(result);
    if (values.json !== true) process.stdout.write(`\n${resultText(result)}\n`);
    if (values.write === true) await writePage(result, machine);
  }
  if (values.json === true) process.stdout.write(`${jsonOf(machine, results)}\n`);
  const missed = results.some(({ figures }) => figures.some((one) => isReached(one) === false));
  return values.strict === true && missed ? 1 : 0;
}

function runOne(benchmark: Benchmark, options: Parameters<Benchmark['run']>[0]): Promise<Result> {
  options.say(`${benchmark.name}: ${benchmark.title}`);
  return benchmark.run({ ...options, say: (line) => options.say(`  ${line}`) });
}

function jsonOf(machine: Machine, results: readonly Result[]): string {
  const benchmarks = results.map((result) => ({
    ...result,
    figures: result.figures.map((figure) => ({ ...figure, reached: isReached(figure) })),
  }));
  return JSON.stringify({ machine, benchmarks }, undefined, 2);
}

async function writePage(result: Result, machine: Machine): Promise<void> {
  const page = await readFile(PAGE, 'utf8').catch(() => '# Benchmarks\n');
  await writeFile(PAGE, withFigures(page, result.benchmark, resultMarkdown(result, machine)));
}

process.exitCode = await main(process.argv.slice(2));
