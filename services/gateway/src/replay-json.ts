import { int64, type reportingService } from '@capstan/contracts';
import type { TimeUs } from '@capstan/domain';

/** What the replay after a session found of an account. */
export interface ReplayJson {
  readonly accountId: string;
  readonly tradeDate: string;
  readonly differences: number;
  readonly unexplained: number;
  readonly replayedAtUs: TimeUs;
}

export function replayJson(one: reportingService.Replay): ReplayJson {
  return { ...one, replayedAtUs: int64.time(one.replayedAtUs) };
}

/** What a replay of a session compared of a bot, with what it found. */
export function replayedBotJson({ differences, ...bot }: reportingService.ReplayedBot) {
  return {
    ...bot,
    differences: differences.map((one) => ({ ...one, atUs: int64.time(one.atUs) })),
  };
}
