/** Resolves when all microtasks have run: what waits then, waits for time or for the world. */
export function drained(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
