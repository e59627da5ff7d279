-- Where the replay of a run goes on after a restart: all that it was after a session, as JSON of a format.
CREATE TABLE "replay_checkpoints" (
  "run_id" TEXT NOT NULL,
  "trade_date" TEXT NOT NULL,
  "format" BIGINT NOT NULL,
  "state" TEXT NOT NULL,
  "written_at_us" BIGINT NOT NULL,

  CONSTRAINT "replay_checkpoints_pkey" PRIMARY KEY ("run_id", "trade_date")
);
