/** Where accounts of a stack trade: as they say, or all at a vendor's emulator that the stack brings along. */
export const VENUE_CHOICES = ['configured', 'alpaca-emulator'] as const;
export type VenueChoice = (typeof VENUE_CHOICES)[number];
