import type { Policy } from '../policy.ts';

/** While the account's kill switch is thrown, nothing adds exposure. Reducing stays possible. */
export const killSwitchPolicy: Policy = {
  name: 'kill-switch',
  denies: "everything that adds while the account's switch is `soft` or `hard`",
  advice: 'Find out why it was thrown; then `capstan unkill`.',
  ofAccount: true,
  check: (intent, view) => {
    const { mode, actor, reason } = view.killSwitch;
    if (mode === 'off' || intent.reducing) return undefined;
    return {
      reason: `the ${mode} kill switch was thrown by ${actor || 'nobody named'}: ${reason}`,
    };
  },
};
