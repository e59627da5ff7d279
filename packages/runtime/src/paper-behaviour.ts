import type { PlatformConfig } from './platform-sections.ts';

/** Returns how the paper exchange behaves, as its section says: for itself, and for who stands in for it. */
export function paperBehaviour(section: PlatformConfig['paperExchange']) {
  const { limitFill, maxVolumeFraction, commission, slippage } = section;
  const { rejectFraction, thinBarFraction } = section;
  return {
    matcher: {
      ...{ limitFill, commission, slippage },
      ...(maxVolumeFraction === undefined ? {} : { maxVolumeFraction }),
    },
    ...{ rejectFraction, thinBarFraction },
  };
}
