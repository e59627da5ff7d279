import { AppError, type TimeUs, timeUs } from '@capstan/domain';

/** How far a live feed is; small, and stored with every slice. */
export interface LiveProgress {
  /** End of the last slice that was published, or of the past; `undefined` before that is known. */
  readonly closedUs: TimeUs | undefined;
  /** True once the feed has said that it is open. */
  readonly opened: boolean;
  /** Slices published. */
  readonly published: number;
  /** Symbols whose past is journaled. Sorted. */
  readonly known: readonly string[];
}

export const NEW_PROGRESS: LiveProgress = {
  closedUs: undefined,
  opened: false,
  published: 0,
  known: [],
};

/** Marks the state of a live feed, which a played feed cannot go on from. */
const KIND = 'live';

/** Packs how far a feed is for the store. */
export function encodeProgress(progress: LiveProgress): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ kind: KIND, ...progress }));
}

/** Unpacks what {@link encodeProgress} packed. @throws MARKET_DATA.STATE where the feed was played before. */
export function decodeProgress(data: Uint8Array): LiveProgress {
  const stored = JSON.parse(new TextDecoder().decode(data)) as Partial<
    LiveProgress & { kind: string; closedUs: number }
  >;
  const { kind, closedUs, opened = false, published = 0, known = [] } = stored;
  if (kind !== KIND) {
    throw new AppError({
      code: 'MARKET_DATA.STATE',
      why: 'the feed was played from a file or a generator before.',
      fix: 'Give the live feed another name, or a database of its own.',
    });
  }
  return {
    closedUs: closedUs === undefined ? undefined : timeUs(closedUs),
    ...{ opened, published, known },
  };
}
