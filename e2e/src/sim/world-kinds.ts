/**
 * What a world is about. `compared`: it must come to what a run without faults comes to. `thawed`: that too, and its owners stand still
 * in the middle of what they do until a successor has their keys. `watched`: the venue keeps no exits, so that they are reached later
 * than in such a run. `operated`: people and the venue act on it, and the venue may be any. `live`: that too, and by the clock on the
 * wall. Of these three only what must always hold is required.
 */
export const WORLD_KINDS = ['compared', 'watched', 'operated', 'thawed', 'live'] as const;
export type WorldKind = (typeof WORLD_KINDS)[number];

/** Tells whether people and the venue act on a world. */
export const isOperated = (kind: WorldKind): boolean => kind === 'operated' || kind === 'live';
