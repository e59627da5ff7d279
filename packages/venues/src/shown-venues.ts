import { DRIVEN } from './acceptance/driven.ts';
import type { ShownVenue } from './acceptance/venues-page.ts';
import { ALPACA_CAPABILITIES } from './alpaca/alpaca-broker.ts';
import { PAPER_CAPABILITIES } from './paper/paper-venue.ts';

/** The brokers' adapters that there are, as people are shown them. */
export const SHOWN_VENUES: readonly ShownVenue[] = [
  { name: 'paper', capabilities: PAPER_CAPABILITIES, driven: DRIVEN.paper },
  {
    ...{ name: 'alpaca', capabilities: ALPACA_CAPABILITIES, driven: DRIVEN.alpaca },
    withSettings: { replaces: true },
  },
];
