import { US_PER_SECOND } from '@capstan/domain';
import type { Policy } from '../policy.ts';

/** A decision that is too old adds no exposure. Reducing stays possible. */
export const decisionAgePolicy: Policy = {
  name: 'decision-age',
  denies: 'what adds on a decision older than `maxDecisionAgeSeconds` (60)',
  advice: 'See `capstan status` for what is behind; the next decision is asked anew.',
  ofAccount: true,
  check: (intent, _view, limits, now) => {
    const ageUs = now - intent.decidedAtUs;
    if (ageUs <= limits.maxDecisionAgeUs || intent.reducing) return undefined;
    const seconds = (us: number) => `${us / US_PER_SECOND} s`;
    return {
      reason: `the decision is ${seconds(ageUs)} old, at most ${seconds(limits.maxDecisionAgeUs)} are allowed`,
    };
  },
};
