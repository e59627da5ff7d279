import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUS_ACCESS, type BusService, subjects } from '@capstan/contracts';
import { arbitrary } from '@capstan/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorizationFile, natsUsers, passwordVariable } from './authorization.ts';
import { natsPermissions } from './permissions.ts';
import { subjectMatch } from './subject-filter.ts';

const KEPT = join(import.meta.dirname, '../../../charts/capstan/files/nats-authorization.conf');
const services = Object.keys(BUS_ACCESS) as readonly BusService[];

/** Who may publish on a subject. */
function publishersOf(subject: string): readonly string[] {
  return [...natsPermissions()]
    .filter(([, { publish }]) => subjectMatch(publish)(subject))
    .map(([user]) => user);
}

describe('who may do what at NATS', () => {
  it('lets one service alone publish each event, whatever it is about', () => {
    fc.assert(
      fc.property(arbitrary.symbols, (name) => {
        expect(publishersOf(subjects.approved(name))).toEqual(['risk']);
        expect(publishersOf(subjects.denied(name))).toEqual(['risk']);
        expect(publishersOf(subjects.order(name))).toEqual(['execution']);
        expect(publishersOf(subjects.fill(name))).toEqual(['execution']);
        expect(publishersOf(subjects.emergency(name))).toEqual(['execution']);
        expect(publishersOf(subjects.signal(name))).toEqual(['signal']);
        expect(publishersOf(subjects.bar(name, name, '1m'))).toEqual(['market-data']);
        expect(publishersOf(subjects.drift(name))).toEqual(['position-sync']);
        expect(publishersOf(subjects.session(name))).toEqual(['reporting']);
      }),
      { numRuns: 30 },
    );
  });

  it('lets nobody but the setup make or change a stream, and nobody remove or empty one', () => {
    expect(publishersOf('$JS.API.STREAM.CREATE.TRADING')).toEqual(['setup']);
    expect(publishersOf('$JS.API.STREAM.UPDATE.KV_switches')).toEqual(['setup']);
    expect(publishersOf('$JS.API.STREAM.DELETE.TRADING')).toEqual([]);
    expect(publishersOf('$JS.API.STREAM.PURGE.TRADING')).toEqual([]);
  });

  it('gives each its answers alone, and lets only those write there whom it asks', () => {
    for (const service of services) {
      const inbox = `_INBOX.capstan-${service}.x`;
      const readers = [...natsPermissions()].filter(([, { subscribe }]) =>
        subjectMatch(subscribe)(inbox),
      );
      expect(readers.map(([user]) => user)).toEqual([service]);
    }
    expect(publishersOf('_INBOX.capstan-reporting.x')).toEqual(['market-data']);
    expect(publishersOf('_INBOX.capstan-risk.x')).toEqual([]);
  });

  it('is what the chart has, each with a password of its own', () => {
    const kept = readFileSync(KEPT, 'utf8');
    expect(kept, "run 'npm run write-authorization -w @capstan/bus'").toBe(authorizationFile());
    for (const user of natsUsers()) {
      expect(kept).toContain(`user: "${user}"\n      password: $${passwordVariable(user)}\n`);
    }
  });
});
