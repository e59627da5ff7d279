import { basename } from 'node:path';
import { type StoredActions, writeStoredActions } from './action-store.ts';
import type { Lake } from './lake.ts';
import { readActionsFile } from './read-actions-file.ts';

/** What an import of corporate actions did. */
export interface ImportedActions {
  /** A symbol each, sorted. */
  readonly written: readonly StoredActions[];
  readonly notes: readonly string[];
}

/**
 * Brings a file of corporate actions beside the bars of its symbols, in place of what there was.
 * @param options.symbol of every row, for files without a symbol column.
 * @throws LAKE.FILE, LAKE.COLUMN, LAKE.VALUE, LAKE.DISK, LAKE.WRITE
 */
export async function importActions(
  lake: Lake,
  options: {
    readonly path: string;
    readonly venue: string;
    readonly symbol?: string;
    readonly dryRun?: boolean;
  },
): Promise<ImportedActions> {
  const { path, venue } = options;
  const { bySymbol, fileSha256, notes } = await readActionsFile(path, options.symbol);
  const sources = [{ name: basename(path), sha256: fileSha256 }];
  const written = [...bySymbol].map(([symbol, actions]) => ({ venue, symbol, actions, sources }));
  if (options.dryRun === true) return { written, notes };
  for (const one of written) await writeStoredActions(lake.root, one);
  return { written, notes };
}
