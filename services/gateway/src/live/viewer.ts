import { LIMITS } from '../limits.ts';
import type { LiveEvent } from './live-batch.ts';

/** Writes one event in the form of server-sent events. */
export function frameOf(event: LiveEvent): string {
  const lines = event.data
    .split('\n')
    .map((line) => `data: ${line}`)
    .join('\n');
  return `event: ${event.name}\n${lines}\n\n`;
}

/**
 * What waits for one viewer. It is bounded: a viewer that does not keep up is told to read anew and let go; its browser comes back by
 * itself.
 */
export class Viewer {
  #frames: string[] = [];
  #characters = 0;
  #open = true;
  #wake: (() => void) | undefined;

  /** @returns false where the viewer has been given up. */
  push(frame: string): boolean {
    if (!this.#open) return false;
    const tooMany = this.#frames.length >= LIMITS.viewerEventsMax;
    if (tooMany || this.#characters + frame.length > LIMITS.viewerCharactersMax) {
      const data = JSON.stringify({ why: 'this viewer did not keep up' });
      this.#frames = [frameOf({ name: 'resync', data })];
      this.close();
      return false;
    }
    this.#frames.push(frame);
    this.#characters += frame.length;
    this.#wake?.();
    return true;
  }

  /** Ends it; what waits can still be taken. */
  close(): void {
    this.#open = false;
    this.#wake?.();
  }

  /** Returns all frames that wait, as one text, waiting for at least one; empty once it is closed and drained. */
  async next(): Promise<string> {
    while (this.#frames.length === 0 && this.#open) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const text = this.#frames.join('');
    this.#frames = [];
    this.#characters = 0;
    return text;
  }
}
