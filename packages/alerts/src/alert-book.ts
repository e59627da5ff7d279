import type { TimeUs } from '@capstan/domain';
import type { Alert, ToldAlert } from './alert.ts';
import {
  type ChannelState,
  dropOld,
  dueOf,
  enqueue,
  newChannel,
  noteFailed,
  noteSent,
  type SendFailure,
} from './channel-queue.ts';
import { LIMITS } from './limits.ts';
import { isQuiet, type QuietHours } from './quiet-hours.ts';
import { type Due, Repeats, type RepeatWindow } from './repeats.ts';
import { isRouted, type Route } from './route.ts';

/** How alerts are told. */
export interface AlertRules {
  readonly routes: readonly Route[];
  /** For how long repeats of a key are counted before they are told in one. */
  readonly repeatUs: number;
  readonly quietHours?: QuietHours;
}

/** An alert with the channels that have been told. */
export interface RecentAlert extends ToldAlert {
  /** Sorted. */
  readonly sentTo: readonly string[];
}

/** All that a book is restored from; plain JSON. */
export interface AlertBookState {
  readonly sequence: number;
  readonly windows: readonly RepeatWindow[];
  readonly channels: readonly ChannelState[];
  /** The latest first. */
  readonly recent: readonly RecentAlert[];
}

/** One message for one channel. */
export interface Message {
  readonly channel: string;
  readonly alerts: readonly ToldAlert[];
}

/** Decides what is sent to whom and when. It sends nothing itself: it says what is due, and is told what came of it. */
export class AlertBook {
  readonly #rules: AlertRules;
  readonly #repeats: Repeats;
  readonly #channels: Map<string, ChannelState>;
  #recent: readonly RecentAlert[];
  #sequence: number;

  /** @param state of an earlier book; what waits for channels that are no more is forgotten. */
  constructor(rules: AlertRules, state?: AlertBookState) {
    this.#rules = rules;
    this.#repeats = new Repeats(rules.repeatUs, state?.windows);
    this.#recent = state?.recent ?? [];
    this.#sequence = state?.sequence ?? 0;
    const known = new Map(state?.channels.map((one) => [one.channel, one]));
    this.#channels = new Map(
      rules.routes.map(({ channel }) => [channel, known.get(channel) ?? newChannel(channel)]),
    );
  }

  state(): AlertBookState {
    return {
      sequence: this.#sequence,
      windows: this.#repeats.windows(),
      channels: this.channels(),
      recent: this.#recent,
    };
  }

  /** In the order of the rules. */
  channels(): readonly ChannelState[] {
    return [...this.#channels.values()];
  }

  /** Takes an alert in. */
  raise(alert: Alert, nowUs: TimeUs): void {
    for (const due of this.#repeats.take(shortened(alert), nowUs)) this.#tell(due);
  }

  /** Tells repeats whose time has come and gives up what is too old. @returns whether anything changed. */
  tick(nowUs: TimeUs): boolean {
    const before = this.#repeats.windows().length;
    const due = this.#repeats.tick(nowUs);
    for (const one of due) this.#tell(one);
    let changed = due.length > 0 || this.#repeats.windows().length !== before;
    for (const [channel, state] of this.#channels) {
      const kept = dropOld(state, nowUs);
      changed ||= kept !== state;
      this.#channels.set(channel, kept);
    }
    return changed;
  }

  /** Returns what is to be sent now: one message a channel at the most. */
  due(nowUs: TimeUs): readonly Message[] {
    const { quietHours } = this.#rules;
    const quiet = quietHours !== undefined && isQuiet(quietHours, nowUs);
    return this.channels().flatMap((state) => {
      const alerts = dueOf(state, { nowUs, quiet });
      return alerts.length === 0 ? [] : [{ channel: state.channel, alerts }];
    });
  }

  /** Notes what came of a message. @param failure `undefined` where it got through. */
  settle({ channel, alerts }: Message, failure: SendFailure | undefined, nowUs: TimeUs): void {
    const state = this.#channels.get(channel);
    if (state === undefined) return;
    const sequences = alerts.map(({ sequence }) => sequence);
    if (failure !== undefined) {
      this.#channels.set(channel, noteFailed(state, sequences, failure, nowUs));
      return;
    }
    this.#channels.set(channel, noteSent(state, sequences, nowUs));
    this.#recent = this.#recent.map((one) =>
      sequences.includes(one.sequence)
        ? { ...one, sentTo: [...new Set([...one.sentTo, channel])].sort() }
        : one,
    );
  }

  #tell({ alert, count }: Due): void {
    this.#sequence += 1;
    const told: ToldAlert = { ...alert, count, sequence: this.#sequence };
    this.#recent = [{ ...told, sentTo: [] }, ...this.#recent].slice(0, LIMITS.recentMax);
    for (const route of this.#rules.routes) {
      const state = this.#channels.get(route.channel);
      if (state !== undefined && isRouted(route, told))
        this.#channels.set(route.channel, enqueue(state, told));
    }
  }
}

function shortened(alert: Alert): Alert {
  const { title, text } = alert;
  return {
    ...alert,
    title: cut(title, LIMITS.titleLengthMax),
    text: cut(text, LIMITS.textLengthMax),
  };
}

/** Returns at most so many characters of a text, none of them in half. */
export function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
