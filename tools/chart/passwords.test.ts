import { execFileSync } from 'node:child_process';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { readlinkSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startTestServers } from '@capstan/embedded';
import { describe, expect, test } from 'vitest';
import { CHART } from './helm.ts';
import { type Rendered, renderChart } from './render-chart.ts';
import { the } from './rendered.test-support.ts';
import { withCluster } from './stub-cluster.test-support.ts';

/** The folder that a program runs in, also where it may not pass those above it. */
const HERE = '/proc/self/cwd';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const annotationsOf = (objects: readonly Rendered[], server: string) =>
  the(objects, 'StatefulSet', server).spec.template.metadata.annotations ?? {};

describe('passwords that the chart makes', () => {
  test('start a server anew when they are others, as where nobody can look which there are', () => {
    const [first, second] = [renderChart(), renderChart()];
    const passwordOf = (objects: readonly Rendered[]): string =>
      the(objects, 'Secret', '-postgresql').stringData.password;
    expect(passwordOf(first)).not.toBe(passwordOf(second));
    for (const objects of [first, second]) {
      expect(annotationsOf(objects, '-postgresql')['checksum/password']).toBe(
        sha256(passwordOf(objects)),
      );
    }
    const natsSums = [first, second].map(
      (one) => annotationsOf(one, '-nats')['checksum/passwords'],
    );
    expect(new Set(natsSums).size).toBe(2);
  });

  test('are those that the cluster has, and new ones for what it has not', async () => {
    const held = {
      'test-capstan-postgresql': { password: 'theOldOne' },
      'test-capstan-nats': { risk: 'riskAsBefore' },
    };
    const objects = await withCluster(held, (cluster) => renderChart({ cluster }));
    expect(the(objects, 'Secret', '-postgresql').stringData).toEqual({ password: 'theOldOne' });
    expect(the(objects, 'Secret', '-nats').stringData).toMatchObject({
      risk: 'riskAsBefore',
      setup: expect.stringMatching(/^[A-Za-z][A-Za-z0-9]{31}$/),
    });
    const again = await withCluster(held, (cluster) => renderChart({ cluster }));
    expect(annotationsOf(again, '-postgresql')).toEqual(annotationsOf(objects, '-postgresql'));
  });

  test('are none where Secrets are there, and nothing then differs between two renderings', () => {
    const own = { postgresql: { existingSecret: 'pg' }, nats: { existingSecret: 'bus' } };
    const values = { ...own, tests: { enabled: false } };
    expect(renderChart({ values })).toEqual(renderChart({ values }));
  });

  test('are given to a database that is there already, whatever letters they have', async () => {
    const servers = await startTestServers({ postgres: true });
    try {
      const { postgres, folder } = servers;
      const program = readlinkSync(`/proc/${postgres.pid}/exe`);
      await postgres.stop();
      const database = join(folder, 'postgres');
      const run = asOwnerOf(database, dirname(program));
      const password = 'it\'s "new" $1 \\ %s';
      await writeFile(join(database, 'password'), `${password}\n`, { mode: 0o644 });
      run('sh', [join(CHART, 'files/postgresql-password.sh')]);
      const said = run(
        'postgres',
        ['--single', '-D', HERE, 'postgres'],
        "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'\n",
      );
      const [, verifier = ''] = /rolpassword = "([^"]+)"/.exec(said) ?? [];
      expect(isVerifierOf(verifier, password)).toBe(true);
      expect(isVerifierOf(verifier, 'another')).toBe(false);
    } finally {
      await servers.stop();
    }
  });

  test('wait for the database that is yet to be made', async () => {
    const servers = await startTestServers({});
    try {
      const run = asOwnerOf(servers.folder, '/nowhere');
      expect(run('sh', [join(CHART, 'files/postgresql-password.sh')])).toBe('');
    } finally {
      await servers.stop();
    }
  });
});

/** Runs programs in the folder of a database, as the user whose it is: PostgreSQL refuses root. */
function asOwnerOf(folder: string, programs: string) {
  const { uid, gid } = statSync(folder);
  const env = {
    PATH: `${programs}:/usr/bin:/bin`,
    PGDATA: HERE,
    POSTGRES_USER: 'postgres',
    POSTGRES_PASSWORD_FILE: 'password',
  };
  return (program: string, args: readonly string[], input = ''): string =>
    execFileSync(program, [...args], {
      cwd: folder,
      env,
      uid,
      gid,
      input,
      encoding: 'utf8',
      stdio: 'pipe',
    });
}

/** Whether PostgreSQL would take a password by what it keeps of it (RFC 5802). */
function isVerifierOf(verifier: string, password: string): boolean {
  const [, rounds, salt = '', stored] =
    /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(verifier) ?? [];
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return createHash('sha256').update(clientKey).digest('base64') === stored;
}
