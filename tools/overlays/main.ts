import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OVERLAY_FOLDER, OVERLAYS, RENDERED, renderOverlay } from './render-overlay.ts';

/** Renders the chart for an overlay: `npm run overlays -- paper`, then `kubectl apply -k k8s/overlays/paper`. */
const [name, flag, ...more] = process.argv.slice(2);
const overlay = OVERLAYS.find((one) => one === name);
const allowsLive = overlay === 'live' && flag === '--allow-live';
if (overlay === undefined || more.length > 0 || (flag !== undefined && !allowsLive)) {
  console.error(
    `Name one of ${OVERLAYS.join(', ')}; live takes --allow-live, the second key to real money.`,
  );
  process.exit(2);
}
const { exitCode, output, complaint } = renderOverlay(overlay, allowsLive);
if (exitCode === 0) {
  writeFileSync(join(OVERLAY_FOLDER, overlay, RENDERED), output);
} else {
  console.error(complaint.trim());
  process.exitCode = 1;
}
