import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kubectl } from '../chart/helm.ts';
import { OVERLAY_FOLDER, type Overlay, RENDERED, renderOverlay } from './render-overlay.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-overlays-'));
  cpSync(OVERLAY_FOLDER, folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns what `kubectl apply -k` would send. */
function built(overlay: Overlay, allowLive = false): string {
  const { exitCode, output, complaint } = renderOverlay(overlay, allowLive);
  expect([exitCode, complaint]).toEqual([0, '']);
  writeFileSync(join(folder, overlay, RENDERED), output);
  const done = kubectl('kustomize', join(folder, overlay));
  expect([done.exitCode, done.complaint]).toEqual([0, '']);
  return done.output;
}

it.each([
  ['dev', false],
  ['paper', false],
  ['live', true],
] as const)('%s is whole, in a namespace of its own', (overlay, allowLive) => {
  const text = built(overlay, allowLive);
  const namespaces = new Set([...text.matchAll(/^ {2}namespace: (.+)$/gm)].map(([, name]) => name));
  expect(namespaces).toEqual(new Set([`capstan-${overlay}`]));
  expect(text).toContain(`capstan.dev/environment: ${overlay}`);
  const services = [...text.matchAll(/app\.kubernetes\.io\/component: (.+)$/gm)].map(
    ([, one]) => one,
  );
  for (const name of ['market-data', 'signal', 'risk', 'execution', 'gateway']) {
    expect(services).toContain(name);
  }
});

it('live takes both keys, each said by somebody', () => {
  const alone = renderOverlay('live');
  expect(alone.exitCode).not.toBe(0);
  expect(alone.complaint).toMatch(/one of two keys to real money/);
  const text = built('live', true);
  expect(text).toMatch(/allowLive: true/);
  expect(text).toMatch(/mode: live/);
});

it('paper and dev have neither key', () => {
  for (const overlay of ['dev', 'paper'] as const) {
    expect(built(overlay)).not.toMatch(/allowLive: true|mode: live/);
  }
});
