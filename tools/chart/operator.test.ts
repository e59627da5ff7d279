import { describe, expect, test } from 'vitest';
import { rendered, the } from './rendered.test-support.ts';

describe('the operator', () => {
  test('may write what it tells, a bot’s finalizer and events, and take backtests away: nothing else', () => {
    const objects = rendered({ services: { operator: { enabled: true } } });
    const { rules } = the(objects, 'Role', '-operator') as unknown as {
      readonly rules: readonly {
        readonly apiGroups: readonly string[];
        readonly resources: readonly string[];
        readonly verbs: readonly string[];
      }[];
    };
    const mayWrite = rules.flatMap(({ apiGroups, resources, verbs }) =>
      resources.flatMap((resource) =>
        verbs
          .filter((verb) => !['get', 'list', 'watch'].includes(verb))
          .map((verb) => `${verb} ${apiGroups.join()}/${resource}`),
      ),
    );
    expect(mayWrite.sort()).toEqual([
      'create /events',
      'delete capstan.dev/backtestjobs',
      'patch capstan.dev/accounts/status',
      'patch capstan.dev/backtestjobs/status',
      'patch capstan.dev/bots',
      'patch capstan.dev/bots/status',
    ]);
  });
});
