import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const DOCKER = join(import.meta.dirname, '../../docker');
const lines = readFileSync(join(DOCKER, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ').split('\n');
const stages = lines.flatMap((line) => {
  const [, from, name] = /^FROM (\S+) AS (\S+)$/.exec(line) ?? [];
  return from === undefined || name === undefined ? [] : [{ name, from }];
});

/** The instructions of a stage and of those that it is made from, those first. */
function instructionsOf(name: string): readonly string[] {
  const from = stages.find((stage) => stage.name === name)?.from ?? '';
  const start = lines.findIndex((line) => line.endsWith(` AS ${name}`));
  const after = lines.slice(start + 1);
  const end = after.findIndex((line) => line.startsWith('FROM '));
  const own = end === -1 ? after : after.slice(0, end);
  return [...(stages.some((stage) => stage.name === from) ? instructionsOf(from) : [from]), ...own];
}

describe.each(['service', 'cli'])('the image of a %s', (name) => {
  const instructions = instructionsOf(name);
  const only = (keyword: string): string | undefined =>
    instructions.findLast((line) => line.startsWith(`${keyword} `));

  test('begins with nothing, and is run as a user without a name', () => {
    expect(instructions[0]).toBe('scratch');
    expect(only('USER')).toBe('USER 10001:10001');
    // Nothing could be run while it is made: it has no shell.
    expect(only('RUN')).toBeUndefined();
  });

  test('starts Node itself, which then gets the signals', () => {
    expect(only('ENTRYPOINT')).toMatch(
      /^ENTRYPOINT \["node", .*"\/app\/service\/src\/main\.js"\]$/,
    );
  });

  test('says what it is', () => {
    const label = only('LABEL') ?? '';
    for (const one of ['title', 'version', 'revision', 'source', 'licenses'])
      expect(label).toContain(`org.opencontainers.image.${one}=`);
  });
});

describe('the check of health of a container', () => {
  const check = (port: number): Promise<readonly [code: number, said: string]> =>
    new Promise((resolve) => {
      const env = { ...process.env, CAPSTAN_SERVER__HTTP_PORT: String(port) };
      const script = join(DOCKER, 'healthcheck.mjs');
      execFile(process.execPath, [script], { env }, (error, stdout) => {
        resolve([Number(error?.code ?? 0), stdout]);
      });
    });

  test('is asked of a service', () => {
    const asked = instructionsOf('service').find((line) => line.startsWith('HEALTHCHECK '));
    expect(asked).toContain('CMD ["node", "/app/healthcheck.mjs"]');
    expect(instructionsOf('cli').some((line) => line.startsWith('HEALTHCHECK '))).toBe(false);
  });

  test('passes where the service is ready, and else says why it is not', async () => {
    let isReady = true;
    const server = createServer((request, response) => {
      response.statusCode = isReady && request.url === '/health/ready' ? 200 : 503;
      response.end('{"reason":"no NATS"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await check(port)).toEqual([0, '']);
    isReady = false;
    expect(await check(port)).toEqual([1, '{"reason":"no NATS"}\n']);
    server.close();
    await once(server, 'close');
    const [code, said] = await check(port);
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/^nothing answers on port \d+: .*REFUSED/),
    ]);
  });
});
