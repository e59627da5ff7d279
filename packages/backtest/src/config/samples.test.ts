import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SIZING_KINDS } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { checkConfig, prepareRun } from '../run/prepare.ts';
import { Runner } from '../run/run-one.ts';

const CONFIGS = join(import.meta.dirname, '../../../../configs');
const SAMPLES = readdirSync(CONFIGS).filter((name) => name.endsWith('.yaml'));

const prepared = async (name: string) =>
  prepareRun(await checkConfig({ file: join(CONFIGS, name) }), false);

describe('the samples', () => {
  it.each(SAMPLES)('%s runs and trades', async (name) => {
    const { config, strategy, data, first } = await prepared(name);
    const { run } = config;
    const runner = new Runner({ run, strategy, symbols: data.symbols, benchmark: undefined });
    const { result } = runner.run(first);
    expect(result.fills.count).toBeGreaterThan(1);
  });

  it('show every kind of sizing', async () => {
    const runs = await Promise.all(
      SAMPLES.map((name) => checkConfig({ file: join(CONFIGS, name) })),
    );
    const kinds = new Set(runs.map(({ config }) => config.run.sizing.kind));
    expect([...kinds].sort()).toEqual([...SIZING_KINDS].sort());
  });
});
