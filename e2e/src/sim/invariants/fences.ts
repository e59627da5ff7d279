import type { Commit, Fence } from '@capstan/ports';

const isNewer = (a: Fence, b: Fence): boolean =>
  a.epochUs === b.epochUs ? a.token > b.token : a.epochUs > b.epochUs;

/** Who may write: of each key the last that took it, and nobody before. */
export class Fences {
  readonly #taken = new Map<string, Fence>();

  /** Notes that a key was taken. */
  take(fence: Fence): void {
    this.#taken.set(fence.key, { ...fence });
  }

  /** @throws Error where a predecessor wrote. */
  check({ fence }: Commit): void {
    const standing = this.#taken.get(fence.key);
    if (standing === undefined || isNewer(standing, fence)) {
      throw new Error(
        `token ${fence.token} of ${fence.key} wrote after token ${standing?.token} took it`,
      );
    }
  }

  /** Tells whether a key was taken by somebody after this token. */
  isOver(fence: Fence): boolean {
    const standing = this.#taken.get(fence.key);
    return standing !== undefined && isNewer(standing, fence);
  }
}
