/** Runs jobs, at most `width` of them at a time. @returns what they gave, in the order of the jobs. */
export async function atMost<T>(
  width: number,
  jobs: readonly (() => Promise<T>)[],
): Promise<readonly T[]> {
  const results: T[] = [];
  const waiting = jobs.entries();
  const work = async (): Promise<void> => {
    for (const [at, job] of waiting) results[at] = await job();
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
