-- What the replay after a session found of each account.
CREATE TABLE "replays" (
  "run_id" TEXT NOT NULL,
  "account_id" TEXT NOT NULL,
  "trade_date" TEXT NOT NULL,
  "differences" BIGINT NOT NULL,
  "unexplained" BIGINT NOT NULL,
  "report" TEXT NOT NULL,
  "replayed_at_us" BIGINT NOT NULL,

  CONSTRAINT "replays_pkey" PRIMARY KEY ("run_id", "trade_date", "account_id"),
  CONSTRAINT "replays_counts" CHECK ("unexplained" >= 0 AND "unexplained" <= "differences")
);
