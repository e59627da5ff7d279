/** Resolves when all microtasks have run: what waits then, waits for time or for the world. */
export function drained(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Resolves when all microtasks have run, sooner than `drained` and without a turn of the event loop: nothing that comes from outside is
 * noticed meanwhile.
 */
export function felt(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
