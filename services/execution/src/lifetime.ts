import type { OwnerSource } from '@capstan/journal';

/** A source that never has anything: it tells when the ownership ends. */
export class Lifetime implements OwnerSource {
  readonly #ended: Promise<readonly unknown[]>;
  #end: () => void = () => undefined;

  constructor(onEnd: () => void) {
    this.#ended = new Promise((resolve) => {
      this.#end = () => {
        onEnd();
        resolve([]);
      };
    });
  }

  next(): Promise<readonly unknown[]> {
    return this.#ended;
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }
}
