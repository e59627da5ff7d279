/** The last migration that this version needs: a database that has it has those before it. */
export const NEWEST_MIGRATION = '0010_replay_checkpoints';
