import type { TimeUs } from '@capstan/domain';
import { type Alert, type AlertLevel, isAtLeast } from './alert.ts';
import { LIMITS } from './limits.ts';

/** A key that was told, and what came of it since. */
export interface RepeatWindow {
  /** The last that came. */
  readonly alert: Alert;
  /** When the key was last told, and how grave it was then. */
  readonly toldAtUs: TimeUs;
  readonly toldLevel: AlertLevel;
  /** How many came since. */
  readonly since: number;
}

/** An alert to be told, with how many it stands for. */
export interface Due {
  readonly alert: Alert;
  readonly count: number;
}

/**
 * Holds back repeats: the first alert of a key is told at once, those of the next while are counted, and told in one when it is
 * over. What is graver than what came before is told at once.
 */
export class Repeats {
  readonly #windowUs: number;
  readonly #windows = new Map<string, RepeatWindow>();

  constructor(windowUs: number, windows: readonly RepeatWindow[] = []) {
    this.#windowUs = windowUs;
    for (const window of windows) this.#windows.set(window.alert.key, window);
  }

  /** The oldest first. */
  windows(): readonly RepeatWindow[] {
    return [...this.#windows.values()];
  }

  /** @returns what is to be told now. */
  take(alert: Alert, nowUs: TimeUs): readonly Due[] {
    const window = this.#windows.get(alert.key);
    if (window !== undefined && nowUs < window.toldAtUs + this.#windowUs) {
      const isGraver = !isAtLeast(window.toldLevel, alert.level);
      if (!isGraver) {
        this.#windows.set(alert.key, { ...window, alert, since: window.since + 1 });
        return [];
      }
    }
    const made = window === undefined ? this.#makeRoom() : [];
    this.#open(alert, nowUs);
    return [...made, { alert, count: (window?.since ?? 0) + 1 }];
  }

  /** @returns the repeats of windows that are over, each key in one. */
  tick(nowUs: TimeUs): readonly Due[] {
    const over = this.windows().filter(({ toldAtUs }) => nowUs >= toldAtUs + this.#windowUs);
    return over.flatMap(({ alert, since }) => {
      this.#windows.delete(alert.key);
      if (since === 0) return [];
      this.#open(alert, nowUs);
      return [{ alert, count: since }];
    });
  }

  #open(alert: Alert, toldAtUs: TimeUs): void {
    this.#windows.delete(alert.key);
    this.#windows.set(alert.key, { alert, toldAtUs, toldLevel: alert.level, since: 0 });
  }

  /** The oldest key gives way to a new one; what it still has to say it says now. */
  #makeRoom(): readonly Due[] {
    if (this.#windows.size < LIMITS.windowsMax) return [];
    const [oldest] = this.#windows.values();
    if (oldest === undefined) return [];
    this.#windows.delete(oldest.alert.key);
    return oldest.since === 0 ? [] : [{ alert: oldest.alert, count: oldest.since }];
  }
}
