export {
  ALERT_KINDS,
  ALERT_LEVELS,
  type Alert,
  type AlertKind,
  type AlertLevel,
  isAtLeast,
  type ToldAlert,
} from './alert.ts';
export {
  AlertBook,
  type AlertBookState,
  type AlertRules,
  type Message,
  type RecentAlert,
} from './alert-book.ts';
export { type Mail, mailOf, slackBody, telegramBody, webhookBody } from './channel-body.ts';
export type { ChannelState, SendFailure } from './channel-queue.ts';
export { LIMITS as ALERT_LIMITS } from './limits.ts';
export { alertLine, messageText, messageTitle, type Sender } from './message-text.ts';
export {
  isQuiet,
  type QuietHours,
  type ReadQuietHours,
  readQuietHours,
} from './quiet-hours.ts';
export type { RepeatWindow } from './repeats.ts';
export { isRouted, KINDS_BY_DEFAULT, type Route } from './route.ts';
export {
  AlertWatch,
  type SeenBot,
  type SeenBreaker,
  type SeenDrift,
  type SeenFeed,
  type SeenKill,
  type SeenSession,
  type SeenToken,
  type WatchRules,
  type WatchState,
} from './watch.ts';
