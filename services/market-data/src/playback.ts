import { assert, type TimeUs, timeUs } from '@capstan/domain';

/**
 * How far a playback is, and whose watermarks it waits for. All of it is small and stored with every slice.
 */
export interface Playback {
  /** End of the last slice that was journaled, history included; `undefined` before the first. */
  readonly lastSliceEndUs: TimeUs | undefined;
  /** True once the feed has said that its history is journaled. */
  readonly opened: boolean;
  /** Slices published, history left out. */
  readonly published: number;
  /** True when the source has nothing more. */
  readonly finished: boolean;
  /** Watermark by account; an account that has said nothing yet is absent from it but in `expected`. */
  readonly doneThrough: Readonly<Record<string, number>>;
  /** Accounts that the next slice waits for. Sorted. */
  readonly expected: readonly string[];
}

/** A playback that has not begun. @param accounts accounts with a configured bot on the feed. */
export function newPlayback(accounts: readonly string[]): Playback {
  const expected = [...new Set(accounts)].sort();
  return {
    lastSliceEndUs: undefined,
    opened: false,
    published: 0,
    finished: false,
    doneThrough: {},
    expected,
  };
}

/** Notes that an account dealt with everything through a slice. An account without active bots is waited for no more. */
export function onSliceDone(
  playback: Playback,
  accountId: string,
  sliceEndUs: TimeUs,
  activeBots: number,
): Playback {
  const before = playback.doneThrough[accountId] ?? -1;
  const others = playback.expected.filter((one) => one !== accountId);
  const expected = activeBots > 0 ? [...others, accountId].sort() : others;
  const doneThrough = { ...playback.doneThrough, [accountId]: Math.max(before, sliceEndUs) };
  return { ...playback, expected, doneThrough };
}

/**
 * Lists the accounts that hold the next slice back: those that have not said that they are through with the last one, or, before
 * the first one, that they are there.
 */
export function heldBackBy(playback: Playback): readonly string[] {
  const through = playback.published === 0 ? 0 : (playback.lastSliceEndUs ?? 0);
  return playback.expected.filter((account) => {
    const done = playback.doneThrough[account];
    return done === undefined || done < through;
  });
}

/** Notes that a slice was journaled and goes out. @param last true where the source has nothing after it. */
export function onPublished(playback: Playback, endUs: TimeUs, last: boolean): Playback {
  const before = playback.lastSliceEndUs;
  assert(before === undefined || endUs > before, `slice ${endUs} does not follow ${before}`);
  return { ...playback, lastSliceEndUs: endUs, published: playback.published + 1, finished: last };
}

/** Notes that history through a time was journaled. */
export function onHistory(playback: Playback, endUs: TimeUs): Playback {
  return { ...playback, lastSliceEndUs: endUs };
}

/** Notes that the feed said that its history is journaled. */
export function onOpened(playback: Playback): Playback {
  return { ...playback, opened: true };
}

/** Notes that the source has nothing more. */
export function onEnded(playback: Playback): Playback {
  return { ...playback, finished: true };
}

/** Packs a playback for the store. */
export function encodePlayback(playback: Playback): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(playback));
}

/** Unpacks what {@link encodePlayback} packed. */
export function decodePlayback(data: Uint8Array): Playback {
  const stored = JSON.parse(new TextDecoder().decode(data)) as Omit<Playback, 'lastSliceEndUs'> & {
    lastSliceEndUs?: number;
  };
  const last = stored.lastSliceEndUs;
  return { ...stored, lastSliceEndUs: last === undefined ? undefined : timeUs(last) };
}
