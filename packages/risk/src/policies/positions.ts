import type { Policy } from '../policy.ts';
import { positionsWith } from '../scoped-exposure.ts';

/** Caps the positions held at a time, those that what is out may open counted. */
export const positionsPolicy: Policy = {
  name: 'positions',
  denies: 'a position beyond `maxPositions`',
  advice: 'It opens when another position is closed, or with a higher limit.',
  check: (intent, view, { maxPositions: cap }, _now, scope) => {
    if (cap === undefined || intent.reducing) return undefined;
    const positions = positionsWith(intent, view, scope);
    if (positions <= cap) return undefined;
    return { reason: `it would be position ${positions}, at most ${cap} are allowed` };
  },
};
