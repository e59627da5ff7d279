import { timeUs } from '@capstan/domain';
import type { Laggard, OldRows, Store } from '@capstan/ports';
import { oldRowsOf, type RetentionConfig, systemClock } from '@capstan/runtime';
import { renderTable, timeText } from '../console/table.ts';

/** How much of a kind of rows is old, and how much of that was removed. */
export interface PrunedRows {
  readonly kind: OldRows['kind'];
  readonly beforeUs: number;
  readonly old: number;
  readonly removed: number;
}

export interface Pruned {
  readonly rows: readonly PrunedRows[];
  /** Receivers that have not read old messages, which stay for them. */
  readonly laggards: readonly Laggard[];
}

/** Rows of one transaction. */
const BATCH = 1_000;

/**
 * Counts the rows that retention removes at the end of a day, and removes them where that is wanted, in small fenced batches.
 * The run's own time is that of its last equity point.
 */
export async function prune(
  store: Store,
  {
    retention,
    run,
  }: { readonly retention: RetentionConfig; readonly run: { readonly id: string } },
  remove: boolean,
): Promise<Pruned> {
  const nowUs = systemClock.nowUs();
  const [last] = await store.equity({ runId: run.id, limit: 1 });
  const fence = { key: 'retention/operator', epochUs: nowUs, token: 1 };
  if (remove) await store.takeOwnership(fence);
  const rows: PrunedRows[] = [];
  const laggards: Laggard[] = [];
  for (const one of oldRowsOf(retention, run.id)(nowUs, last?.atUs ?? timeUs(0))) {
    const old = await store.prunable(one);
    let removed = 0;
    while (remove && removed < old) {
      const count = await store.prune(fence, one, BATCH);
      removed += count;
      if (count < BATCH) break;
    }
    rows.push({ kind: one.kind, beforeUs: one.beforeUs, old, removed });
    if (one.kind === 'outbox') laggards.push(...(await store.laggards(one.beforeUs)));
  }
  return { rows, laggards };
}

/** Writes what is old as a table, and who keeps messages. */
export function pruneText({ rows, laggards }: Pruned, remove: boolean): string {
  const table = renderTable(
    [
      { title: 'rows', text: ({ kind }) => kind },
      { title: 'older than (UTC)', text: ({ beforeUs }) => timeText(beforeUs) || '-' },
      {
        title: remove ? 'removed' : 'would go',
        align: 'right',
        text: ({ old, removed }) => String(remove ? removed : old),
      },
    ],
    rows,
  );
  const held = laggards.map(
    ({ key, messages }) => `! ${key} has not read ${messages} old messages: they stay for it`,
  );
  return [table, ...held].join('\n');
}
