import { enableCompileCache } from 'node:module';
import { endAsFirstProcess } from './first-process.ts';
import { outliveReaders } from './output.ts';
import { CODE_CACHE_DIR } from './project.ts';

/** Commands that must start in a moment: nothing of the platform is loaded for them. */
const QUICK = new Set(['backtest', 'plan', 'compare', 'repro']);

enableCompileCache(CODE_CACHE_DIR);
outliveReaders();
endAsFirstProcess();
const args = process.argv.slice(2);
const { run } = QUICK.has(args[0] ?? '')
  ? { run: (await import('./quick-program.ts')).runQuickCli }
  : { run: (await import('./program.ts')).runCli };
process.exitCode = await run(args);
