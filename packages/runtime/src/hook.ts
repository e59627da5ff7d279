/**
 * Loaded before a service's main module: `node --import <repository>/packages/runtime/src/hook.ts main.ts`. Instrumentation needs to see
 * modules as they load. When nothing is to be traced, nothing is loaded.
 */
import { register } from 'node:module';
import { readTracingSettings } from './tracing-settings.ts';

const settings = readTracingSettings(process.argv, process.env);
if (settings !== undefined) {
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
  const { startTracing } = await import('./otel.ts');
  startTracing(settings);
}
