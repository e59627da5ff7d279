import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { US_PER_MINUTE } from '@capstan/domain';
import { afterAll } from 'vitest';
import { type LakeBars, newLakeBars } from './lake-bars.ts';

/** Monday 2026-01-05, 09:30 in New York. */
export const OPEN_US = Date.UTC(2026, 0, 5, 14, 30) * 1_000;

/** A folder that is removed after the file's tests. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `capstan-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Minute bars in a row, whose numbers follow from their place. */
export function minuteBars(rows: number, fromUs = OPEN_US, lengthMinutes = 1): LakeBars {
  const bars = newLakeBars(rows);
  const lengthUs = lengthMinutes * US_PER_MINUTE;
  for (let row = 0; row < rows; row += 1) {
    const cents = 10_000 + ((row * 7919) % 500);
    bars.startUs[row] = fromUs + row * lengthUs;
    bars.endUs[row] = fromUs + (row + 1) * lengthUs;
    bars.openNanos[row] = cents * 1e7;
    bars.highNanos[row] = (cents + 9) * 1e7;
    bars.lowNanos[row] = (cents - 7) * 1e7;
    bars.closeNanos[row] = (cents + (row % 5)) * 1e7;
    bars.volume[row] = 100 + ((row * 31) % 977);
  }
  return bars;
}
