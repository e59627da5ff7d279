import { enableCompileCache } from 'node:module';
import { CODE_CACHE_DIR } from './project.ts';

enableCompileCache(CODE_CACHE_DIR);
const { runCli } = await import('./program.ts');
process.exitCode = await runCli(process.argv.slice(2));
