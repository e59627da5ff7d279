/** Returns the processor time that this thread has used, in ms: time in which others had the core does not count. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
