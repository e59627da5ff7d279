import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDecimal, parsePrice } from '@capstan/domain';
import { type CorporateAction, sortActions } from './corporate-action.ts';
import { fileError, writeError } from './file-error.ts';
import { Fields } from './json-fields.ts';
import type { SeriesSource } from './manifest.ts';
import { replaceFile } from './replace-file.ts';
import { symbolFolder } from './series-key.ts';

const ACTIONS_FILE = 'actions.json';
const FORMAT = 1;
const NANO_DECIMALS = 9;

/** The corporate actions of a symbol, as the lake keeps them: `<venue>/<symbol>/actions.json`. */
export interface StoredActions {
  readonly venue: string;
  readonly symbol: string;
  /** Sorted by ex-date. */
  readonly actions: readonly CorporateAction[];
  readonly sources: readonly SeriesSource[];
}

/** Reads the corporate actions of a symbol; `undefined` where the lake has none. @throws LAKE.DAMAGED naming the key. */
export async function readStoredActions(
  root: string,
  venue: string,
  symbol: string,
): Promise<StoredActions | undefined> {
  const path = join(root, symbolFolder(venue, symbol), ACTIONS_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw fileError(path, error);
  }
  const fields = Fields.parse(path, text, 'LAKE.DAMAGED', 'Import the corporate actions again.');
  if (fields.whole('format') !== FORMAT) throw fields.wrong('format', String(FORMAT));
  return {
    venue: fields.text('venue'),
    symbol: fields.text('symbol'),
    actions: fields.list('actions').map(readAction),
    sources: fields.list('sources').map((source) => ({
      name: source.text('name'),
      sha256: source.text('sha256'),
    })),
  };
}

function readAction(fields: Fields): CorporateAction {
  const kind = fields.oneOf('kind', ['split', 'dividend']);
  const exDate = fields.text('exDate');
  if (kind === 'split') {
    return {
      kind,
      exDate,
      newShares: fields.whole('newShares'),
      oldShares: fields.whole('oldShares'),
    };
  }
  const payDate = fields.has('payDate') ? { payDate: fields.text('payDate') } : {};
  return { kind, exDate, ...payDate, amountPerUnitNanos: parsePrice(fields.text('amount')) };
}

/** Writes the corporate actions of a symbol in place of what there was. @throws LAKE.DISK, LAKE.WRITE */
export async function writeStoredActions(root: string, stored: StoredActions): Promise<void> {
  const folder = join(root, symbolFolder(stored.venue, stored.symbol));
  const actions = sortActions(stored.actions).map((action) => {
    if (action.kind === 'split') return action;
    const { amountPerUnitNanos, ...rest } = action;
    return { ...rest, amount: formatDecimal(amountPerUnitNanos, NANO_DECIMALS) };
  });
  const text = `${JSON.stringify({ format: FORMAT, ...stored, actions }, null, 2)}\n`;
  try {
    await mkdir(folder, { recursive: true });
    await replaceFile(join(folder, ACTIONS_FILE), text);
  } catch (error) {
    throw writeError(folder, error);
  }
}
