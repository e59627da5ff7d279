import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, writeError } from './file-error.ts';
import { withFolderLock } from './folder-lock.ts';
import { Fields } from './json-fields.ts';
import { replaceFile } from './replace-file.ts';
import { symbolFolder } from './series-key.ts';
import { joinSpans, type TimeSpan } from './time-spans.ts';

const ASKED_FILE = 'asked.json';
const FORMAT = 1;

/** What of a series, or of the corporate actions, a vendor was asked for: what has no bars there is known to have none. */
export interface AskedSpans {
  /** The folder of the series, such as `1m`; `actions` for corporate actions. */
  readonly of: string;
  /** Who was asked, and what feed: `alpaca iex`. */
  readonly source: string;
  /** Joined, in order of time. */
  readonly spans: readonly TimeSpan[];
  /** What the vendor called the version of a day that was read, by date, where it has versions. */
  readonly versions?: ReadonlyMap<string, string>;
}

/** Reads what was asked of a symbol; nothing where the lake does not say. @throws LAKE.DAMAGED naming the key. */
export async function readAsked(
  root: string,
  venue: string,
  symbol: string,
): Promise<readonly AskedSpans[]> {
  const path = join(root, symbolFolder(venue, symbol), ASKED_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw fileError(path, error);
  }
  const fields = Fields.parse(path, text, 'LAKE.DAMAGED', 'Remove it and fetch the symbol again.');
  if (fields.whole('format') !== FORMAT) throw fields.wrong('format', String(FORMAT));
  return fields.list('asked').map((one) => ({
    of: one.text('of'),
    source: one.text('source'),
    spans: one.list('spans').map((span) => ({
      fromUs: span.whole('fromUs'),
      toUs: span.whole('toUs'),
    })),
    ...(one.has('versions') ? { versions: versionsOf(one) } : {}),
  }));
}

const versionsOf = (one: Fields): ReadonlyMap<string, string> =>
  new Map(one.list('versions').map((day) => [day.text('date'), day.text('version')]));

/**
 * Writes down that a vendor was asked for more of a symbol; where it was another vendor, in place of what that one was asked.
 * @throws LAKE.DISK, LAKE.BUSY, LAKE.WRITE, LAKE.DAMAGED
 */
export async function recordAsked(
  root: string,
  of: { readonly venue: string; readonly symbol: string },
  asked: AskedSpans,
): Promise<void> {
  const folder = join(root, symbolFolder(of.venue, of.symbol));
  try {
    await mkdir(folder, { recursive: true });
    await withFolderLock(folder, async () => {
      const before = await readAsked(root, of.venue, of.symbol);
      const same = before.find((one) => one.of === asked.of && one.source === asked.source);
      const spans = joinSpans([...(same?.spans ?? []), ...asked.spans]);
      const others = before.filter((one) => one.of !== asked.of);
      const versions = new Map([...(same?.versions ?? []), ...(asked.versions ?? [])]);
      const all = [...others, { ...asked, spans, versions }].sort((a, b) => (a.of < b.of ? -1 : 1));
      const stored = { format: FORMAT, asked: all.map(storedAsked) };
      const text = `${JSON.stringify(stored, null, 2)}\n`;
      await replaceFile(join(folder, ASKED_FILE), text);
    });
  } catch (error) {
    throw writeError(folder, error);
  }
}

function storedAsked({ of, source, spans, versions = new Map() }: AskedSpans): object {
  if (versions.size === 0) return { of, source, spans };
  const dates = [...versions].map(([date, version]) => ({ date, version }));
  return { of, source, spans, versions: dates.sort((a, b) => (a.date < b.date ? -1 : 1)) };
}
