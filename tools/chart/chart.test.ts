import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { differences } from './chart-files.ts';
import { CHART, helm } from './helm.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('the chart', () => {
  test('is one that helm finds nothing against', () => {
    const { exitCode, output } = helm(
      'lint',
      CHART,
      '--strict',
      '--values',
      join(CHART, 'ci/external-values.yaml'),
    );
    expect([exitCode, output]).toEqual([0, expect.stringContaining('0 chart(s) failed')]);
  });

  test('is of the version that everything is of', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'));
    expect([chart.appVersion, chart.version]).toEqual([version, version]);
  });

  test('names what stands otherwise than it is to, and what nobody wants any more', () => {
    const names = readdirSync(join(CHART, 'ci')).map((name) => `charts/capstan/ci/${name}`);
    const [kept = '', ...left] = names.sort();
    const same = { path: kept, text: readFileSync(join(ROOT, kept), 'utf8') };
    const other = { path: 'charts/capstan/Chart.yaml', text: 'other' };
    const made = { files: [same, other], folders: ['charts/capstan/ci'], problems: [] };
    expect(differences(ROOT, made)).toEqual([other.path, ...left]);
  });
});
