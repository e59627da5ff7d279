import { join } from 'node:path';
import { CHART, type HelmResult, helm } from '../chart/helm.ts';

export const OVERLAYS = ['dev', 'paper', 'live'] as const;
export type Overlay = (typeof OVERLAYS)[number];

export const OVERLAY_FOLDER = join(import.meta.dirname, '..', '..', 'k8s', 'overlays');
/** What is rendered, beside the overlay's own files. */
export const RENDERED = 'rendered.yaml';

/**
 * Renders the chart with an overlay's values.
 * @param allowLive gives the second key to real money too, which no overlay has by itself.
 */
export function renderOverlay(overlay: Overlay, allowLive = false): HelmResult {
  const files = ['values.yaml', ...(allowLive ? ['allow-live.yaml'] : [])];
  const values = files.flatMap((file) => ['--values', join(OVERLAY_FOLDER, overlay, file)]);
  const namespace = ['--namespace', `capstan-${overlay}`];
  return helm('template', 'capstan', CHART, ...namespace, '--skip-tests', ...values);
}
