import { type BotSlice, type TimeUs, timeUs } from '@capstan/domain';
import type { ExpectedBot } from './settings.ts';
import type { ActiveBot, FeedProgress, Progress } from './state.ts';

/** A slice that can be decided: everybody has spoken, and the venue is through with it where that counts. */
export interface ReadySlice {
  readonly feed: string;
  readonly sliceEndUs: TimeUs;
  /** By bot. */
  readonly slices: readonly BotSlice[];
}

/** What a bot's slice changes. */
export interface Taken {
  readonly progress: Progress;
  /** True where who is active changed at a slice that is decided already: the watermark must be said again. */
  readonly announce: boolean;
  /** The slice, where it comes too late to be decided and asks for something. */
  readonly late?: BotSlice;
}

/** Begins: the account waits for the first word of each of its bots. */
export function newProgress(bots: readonly ExpectedBot[]): Progress {
  const active = bots.map(({ botId, feed }) => ({ botId, feed })).sort(byBot);
  return { active, feeds: [], pending: [] };
}

/** Forgets bots that are not configured any more: nobody would speak for them. */
export function keepConfigured(progress: Progress, bots: readonly ExpectedBot[]): Progress {
  const names = new Set(bots.map((bot) => bot.botId));
  return { ...progress, active: progress.active.filter((bot) => names.has(bot.botId)) };
}

/** Takes what a bot says of a slice. Also a bot that was not waited for is waited for from then on, unless it stops. */
export function takeSlice(progress: Progress, slice: BotSlice): Taken {
  const { botId, feed, sliceEndUs } = slice;
  const known = progress.active.find((bot) => bot.botId === botId);
  const stops = slice.state === 'stopped';
  const others = progress.active.filter((bot) => bot.botId !== botId);
  const throughUs = Math.max(known?.throughUs ?? 0, sliceEndUs);
  const active = [...others, { botId, feed, throughUs }].sort(byBot);
  const decided = feedOf(progress, feed).decidedThroughUs;
  if (decided !== undefined && sliceEndUs <= decided) {
    const joined = known === undefined && !stops;
    const left = known !== undefined && stops;
    return {
      progress: { ...progress, active: stops ? others : active },
      announce: joined || left,
      ...(slice.signals.length > 0 ? { late: slice } : {}),
    };
  }
  const earlier = progress.pending.find((one) => sameSlice(one, slice));
  const merged = {
    ...slice,
    signals: slice.signals.length > 0 ? slice.signals : (earlier?.signals ?? []),
  };
  const pending = [...progress.pending.filter((one) => one !== earlier), merged];
  return { progress: { ...progress, active, pending }, announce: false };
}

/** Notes that the venue has matched everything through a slice, and that its fills have all been handed over. */
export function takeVenueSlice(progress: Progress, feed: string, sliceEndUs: TimeUs): Progress {
  const known = feedOf(progress, feed);
  const venueThroughUs = Math.max(known.venueThroughUs ?? 0, sliceEndUs);
  return withFeed(progress, { ...known, venueThroughUs });
}

/**
 * Returns the next slice that can be decided. Slices of a feed come in order; one that decides something waits for the venue
 * where `venueReportsSlices`.
 * @param followedFeeds feeds of opinions that are to be decided once more.
 */
export function nextReady(
  progress: Progress,
  venueReportsSlices: boolean,
  followedFeeds: readonly string[] = [],
): ReadySlice | undefined {
  const feeds = [...new Set(progress.pending.map((slice) => slice.feed))].sort();
  for (const feed of feeds) {
    const pending = progress.pending.filter((slice) => slice.feed === feed);
    const sliceEndUs = timeUs(Math.min(...pending.map((slice) => slice.sliceEndUs)));
    if (progress.active.some((bot) => bot.feed === feed && (bot.throughUs ?? -1) < sliceEndUs)) {
      continue;
    }
    const slices = pending.filter((slice) => slice.sliceEndUs === sliceEndUs).sort(byBot);
    const asks = followedFeeds.includes(feed) || slices.some(({ signals }) => signals.length > 0);
    const venueThroughUs = feedOf(progress, feed).venueThroughUs ?? -1;
    if (asks && venueReportsSlices && venueThroughUs < sliceEndUs) continue;
    return { feed, sliceEndUs, slices };
  }
  return undefined;
}

/** Notes that a slice is decided; bots that stopped at it are not waited for any more. */
export function afterDecision(progress: Progress, ready: ReadySlice): Progress {
  const { feed, sliceEndUs, slices } = ready;
  const stopped = new Set(
    slices.filter((slice) => slice.state === 'stopped').map((slice) => slice.botId),
  );
  const still = progress.active.filter(
    (bot) => !stopped.has(bot.botId) || (bot.throughUs ?? 0) > sliceEndUs,
  );
  const decided: Progress = {
    ...progress,
    active: still,
    pending: progress.pending.filter(
      (slice) => slice.feed !== feed || slice.sliceEndUs !== sliceEndUs,
    ),
  };
  return withFeed(decided, { ...feedOf(progress, feed), decidedThroughUs: sliceEndUs });
}

/** Counts the bots of a feed that go on. */
export function activeBots(progress: Progress, feed: string): number {
  return progress.active.filter((bot) => bot.feed === feed).length;
}

/** Returns how far a feed is. */
export function feedOf(progress: Progress, feed: string): FeedProgress {
  return progress.feeds.find((one) => one.feed === feed) ?? { feed };
}

function withFeed(progress: Progress, feed: FeedProgress): Progress {
  const others = progress.feeds.filter((one) => one.feed !== feed.feed);
  return { ...progress, feeds: [...others, feed].sort((a, b) => (a.feed < b.feed ? -1 : 1)) };
}

const sameSlice = (a: BotSlice, b: BotSlice): boolean =>
  a.botId === b.botId && a.feed === b.feed && a.sliceEndUs === b.sliceEndUs;

const byBot = (a: Pick<ActiveBot, 'botId'>, b: Pick<ActiveBot, 'botId'>): number =>
  a.botId < b.botId ? -1 : 1;
