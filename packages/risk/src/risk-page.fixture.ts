import { LIMIT_KEYS, type LimitKey, ruleOf } from './limit-keys.ts';
import { POLICY_NAMES } from './limits.ts';
import { POLICIES } from './policies/all-policies.ts';

/** Writes the table of all policies, in the order in which they are asked unless told otherwise. */
export function policyTable(): string {
  const rows = POLICY_NAMES.map((name) => {
    const { denies, advice, resizes, ofAccount, stopsReducing } = POLICIES[name];
    const marks = [
      ofAccount === true ? 'account' : 'any scope',
      ...(resizes === true ? ['resizes'] : []),
      ...(stopsReducing === true ? ['**stops reducing**'] : []),
    ];
    return `| \`${name}\` | ${denies} | ${marks.join(', ')} | ${advice} |`;
  });
  return ['| policy | denies | asked of | what to do |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

/** Writes the table of all limits, by key. */
export function limitTable(): string {
  const rows = LIMIT_KEYS.filter(({ key }) => key !== 'policies').map((one: LimitKey) => {
    const { key, about, policy, scoped } = one;
    const asks = policy === undefined ? '' : `\`${policy}\``;
    return `| \`${key}\` | ${about} | ${ruleOf(one)} | ${asks} | ${scoped ? 'yes' : ''} |`;
  });
  return [
    '| key | what it says | it must be | policy | in `scopes` |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
