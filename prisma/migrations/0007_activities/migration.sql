-- Cash that came or went without a trade, and splits: entries of the ledger in one numbering with the fills.
CREATE TABLE "cash_events" (
  "account_id" TEXT NOT NULL,
  "cash_event_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "bot_id" TEXT NOT NULL,
  "symbol" TEXT,
  "activity_id" TEXT,
  "amount_micros" BIGINT NOT NULL,
  "event_at_us" BIGINT NOT NULL,
  "account_sequence" BIGINT NOT NULL,

  CONSTRAINT "cash_events_pkey" PRIMARY KEY ("account_id", "cash_event_id"),
  CONSTRAINT cash_events_sequence_positive CHECK (account_sequence > 0)
);
CREATE UNIQUE INDEX "cash_events_account_id_account_sequence_key" ON "cash_events" ("account_id", "account_sequence");
CREATE INDEX "cash_events_account_id_activity_id_idx" ON "cash_events" ("account_id", "activity_id");

CREATE TABLE "splits" (
  "account_id" TEXT NOT NULL,
  "activity_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "new_shares" BIGINT NOT NULL,
  "old_shares" BIGINT NOT NULL,
  "close_nanos" BIGINT NOT NULL,
  "fraction_micros" BIGINT NOT NULL,
  "follows_sequence" BIGINT NOT NULL,
  "event_at_us" BIGINT NOT NULL,
  "account_sequence" BIGINT NOT NULL,

  CONSTRAINT "splits_pkey" PRIMARY KEY ("account_id", "activity_id"),
  CONSTRAINT splits_sequence_positive CHECK (account_sequence > 0),
  CONSTRAINT splits_ratio_positive CHECK (new_shares > 0 AND old_shares > 0)
);
CREATE UNIQUE INDEX "splits_account_id_account_sequence_key" ON "splits" ("account_id", "account_sequence");

CREATE INDEX "fills_account_id_symbol_account_sequence_idx" ON "fills" ("account_id", "symbol", "account_sequence");

-- The account sequence that a row of the ledger includes; NULL in rows of before.
ALTER TABLE "ledger_cash" ADD COLUMN "through_sequence" BIGINT;

-- What of a snapshot is somebody else's, and what a stray execution traded; NULL where it is not known.
ALTER TABLE "snapshots" ADD COLUMN "foreign" JSONB;
ALTER TABLE "strays"
  ADD COLUMN "symbol" TEXT,
  ADD COLUMN "side" TEXT;
