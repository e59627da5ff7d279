import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { SweepWorkerData } from './sweep-messages.ts';

const data = workerData as SweepWorkerData;
// Loaded after the cache is on, so that a thread starts in a tenth of the time.
if (data.codeCacheDir !== undefined) enableCompileCache(data.codeCacheDir);
const { sweepLoop } = await import('./sweep-loop.ts');
if (parentPort !== null) await sweepLoop(parentPort, data);
