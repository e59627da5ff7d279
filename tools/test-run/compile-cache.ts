import { join } from 'node:path';

/**
 * Lets the processes that tests start keep what Node compiled, by content and where `capstan` keeps it: a service then starts in
 * half the time. Vitest turns that off in a run with coverage, for its own processes, which measure; those that tests start are
 * not measured.
 */
process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/capstan');
delete process.env.NODE_DISABLE_COMPILE_CACHE;
