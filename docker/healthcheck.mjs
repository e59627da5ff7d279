// Ends with 0 when the service of this container is ready; else says why not, which `docker inspect` shows.
const port = process.env.CAPSTAN_SERVER__HTTP_PORT ?? '8080';
try {
  const signal = AbortSignal.timeout(4_000);
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal });
  if (!answer.ok) console.log(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(`nothing answers on port ${port}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
