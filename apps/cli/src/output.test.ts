import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Writes until nobody reads any more, then once more. */
const SCRIPT = `
import { setImmediate as turn } from 'node:timers/promises';
const { STANDARD_OUTPUT: output, outliveReaders } = await import(process.argv[1]);
outliveReaders();
while (!output.closed.aborted) {
  output.out('line');
  await turn();
}
output.out('last');
await turn();
output.err('done');
`;

test('whoever stops reading, as head does, ends nothing by an error', async () => {
  const module = join(import.meta.dirname, 'output.ts');
  const args = ['--input-type=module', '--eval', SCRIPT, module];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(said).toBe('done\n');
});
