import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Rolldown } from 'vite';

/** Builds the scripts of the pages into `src/generated`, where they are read from when a page is made. */
const PAGES = ['report', 'plot', 'sweep'];
const folder = join(import.meta.dirname, '..', 'src', 'generated');

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const page of PAGES) {
  const built = (await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      reportCompressedSize: false,
      lib: { entry: join(import.meta.dirname, `${page}.ts`), formats: ['iife'], name: 'page' },
      rolldownOptions: {
        external: ['lightweight-charts'],
        output: { globals: { 'lightweight-charts': 'LightweightCharts' } },
      },
    },
  })) as Rolldown.RolldownOutput[];
  const [output] = built;
  const [chunk] = output?.output ?? [];
  if (chunk?.type !== 'chunk') throw new Error(`${page}: nothing was built`);
  await writeFile(join(folder, `${page}.js`), chunk.code);
}
