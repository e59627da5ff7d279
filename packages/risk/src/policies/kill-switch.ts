import type { Policy } from '../policy.ts';

/** While the account's kill switch is thrown, nothing adds exposure. Reducing stays possible. */
export const killSwitchPolicy: Policy = {
  name: 'kill-switch',
  check: (intent, view) => {
    const { mode, actor, reason } = view.killSwitch;
    if (mode === 'off' || intent.reducing) return undefined;
    return {
      reason: `the ${mode} kill switch was thrown by ${actor || 'nobody named'}: ${reason}`,
    };
  },
};
