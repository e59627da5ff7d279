/** The operating failures that this package names. */
export const STORE_ERRORS = [
  {
    code: 'STORE.UNAVAILABLE',
    meaning:
      'PostgreSQL does not answer, or the answer to a commit was lost: it may have been written or not.',
    fix: 'Check that PostgreSQL runs and that its URL is right. Owners take their key again and read what was written.',
  },
  {
    code: 'STORE.FENCED',
    meaning: 'Another owner has taken the key since: nothing was written.',
    fix: 'Nothing is to be done: the new owner goes on from what was written.',
  },
  {
    code: 'STORE.CONFLICT',
    meaning:
      'A row that must be new exists, a sequence has a gap, or a version or a position goes back: nothing was written.',
    fix: 'The owner starts over from the store; if it repeats, look at the row that the message names.',
  },
  {
    code: 'STORE.SCHEMA',
    meaning: 'The database does not have the tables that this version needs.',
    fix: 'Apply the migrations of this version.',
  },
  {
    code: 'STORE.MIGRATION',
    meaning: 'A migration failed, failed before, or was changed after it was applied.',
    fix: 'Do what the message says of the migration that it names.',
  },
] as const;

/** A code of this package. */
export type StoreErrorCode = (typeof STORE_ERRORS)[number]['code'];
