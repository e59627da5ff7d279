-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "reservations" (
    "order_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "bot_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "open_quantity" BIGINT NOT NULL,
    "price_nanos" BIGINT NOT NULL,
    "reducing" BOOLEAN NOT NULL,

    CONSTRAINT "reservations_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "ledger_positions" (
    "account_id" TEXT NOT NULL,
    "bot_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "quantity" BIGINT NOT NULL,
    "cost_micros" BIGINT NOT NULL,
    "realised_micros" BIGINT NOT NULL,
    "fees_micros" BIGINT NOT NULL,

    CONSTRAINT "ledger_positions_pkey" PRIMARY KEY ("account_id","bot_id","symbol")
);

-- CreateTable
CREATE TABLE "ledger_cash" (
    "account_id" TEXT NOT NULL,
    "bot_id" TEXT NOT NULL,
    "cash_micros" BIGINT NOT NULL,

    CONSTRAINT "ledger_cash_pkey" PRIMARY KEY ("account_id","bot_id")
);

-- CreateTable
CREATE TABLE "equity" (
    "run_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "bot_id" TEXT NOT NULL,
    "at_us" BIGINT NOT NULL,
    "cash_micros" BIGINT NOT NULL,
    "market_value_micros" BIGINT NOT NULL,
    "realised_micros" BIGINT NOT NULL,
    "unrealised_micros" BIGINT NOT NULL,
    "fees_micros" BIGINT NOT NULL,

    CONSTRAINT "equity_pkey" PRIMARY KEY ("run_id","account_id","bot_id","at_us")
);

-- CreateTable
CREATE TABLE "snapshots" (
    "snapshot_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "taken_at_us" BIGINT NOT NULL,
    "venue_sequence" BIGINT NOT NULL,
    "cash_micros" BIGINT NOT NULL,
    "positions" JSONB NOT NULL,

    CONSTRAINT "snapshots_pkey" PRIMARY KEY ("snapshot_id")
);

-- CreateTable
CREATE TABLE "drifts" (
    "drift_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "ledger" DOUBLE PRECISION NOT NULL,
    "broker" DOUBLE PRECISION NOT NULL,
    "opened_at_us" BIGINT NOT NULL,
    "healed_at_us" BIGINT,

    CONSTRAINT "drifts_pkey" PRIMARY KEY ("drift_id")
);

-- CreateTable
CREATE TABLE "jobs" (
    "job_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "spec" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "result" TEXT,
    "digest" TEXT,
    "error" TEXT,
    "created_at_us" BIGINT NOT NULL,
    "updated_at_us" BIGINT NOT NULL,

    CONSTRAINT "jobs_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "bots" (
    "bot_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "strategy" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "symbols" JSONB NOT NULL,
    "timeframe" TEXT NOT NULL,
    "feed" TEXT NOT NULL,
    "sizing" JSONB NOT NULL,
    "config_revision" BIGINT NOT NULL,
    "restart_on_crash" BOOLEAN NOT NULL,
    "on_shutdown" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "error" TEXT,
    "restarts" BIGINT NOT NULL,
    "last_slice_end_us" BIGINT,
    "updated_at_us" BIGINT NOT NULL,

    CONSTRAINT "bots_pkey" PRIMARY KEY ("bot_id")
);

-- CreateTable
CREATE TABLE "checkpoints" (
    "bot_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "config_revision" BIGINT NOT NULL,
    "kernel_epoch" TEXT NOT NULL,
    "slice_end_us" BIGINT NOT NULL,
    "stream_epoch_us" BIGINT NOT NULL,
    "stream_sequence" BIGINT NOT NULL,
    "data" BYTEA NOT NULL,

    CONSTRAINT "checkpoints_pkey" PRIMARY KEY ("bot_id")
);

-- CreateTable
CREATE TABLE "commands" (
    "command_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "created_at_us" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "result" TEXT,

    CONSTRAINT "commands_pkey" PRIMARY KEY ("command_id")
);

-- CreateTable
CREATE TABLE "audit" (
    "audit_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "at_us" BIGINT NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "details" TEXT NOT NULL,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("audit_id")
);

-- CreateTable
CREATE TABLE "tokens" (
    "token_hash" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at_us" BIGINT NOT NULL,

    CONSTRAINT "tokens_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "signals" (
    "signal_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "bot_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "config_revision" BIGINT NOT NULL,
    "symbol" TEXT NOT NULL,
    "timeframe" TEXT NOT NULL,
    "bar_end_us" BIGINT NOT NULL,
    "input_revision" BIGINT NOT NULL,
    "direction" TEXT NOT NULL,
    "strength" DOUBLE PRECISION NOT NULL,
    "limit_price_nanos" BIGINT,
    "stop_price_nanos" BIGINT,
    "take_profit_price_nanos" BIGINT,
    "time_in_force" TEXT,
    "reference_price_nanos" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "signals_pkey" PRIMARY KEY ("signal_id")
);

-- CreateTable
CREATE TABLE "intents" (
    "intent_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "bot_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "cause_kind" TEXT NOT NULL,
    "cause_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "quantity" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "limit_price_nanos" BIGINT,
    "stop_price_nanos" BIGINT,
    "time_in_force" TEXT NOT NULL,
    "reducing" BOOLEAN NOT NULL,
    "reference_price_nanos" BIGINT NOT NULL,
    "decided_at_us" BIGINT NOT NULL,

    CONSTRAINT "intents_pkey" PRIMARY KEY ("intent_id")
);

-- CreateTable
CREATE TABLE "denials" (
    "denial_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "bot_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "intent_id" TEXT,
    "cause_kind" TEXT NOT NULL,
    "cause_id" TEXT NOT NULL,
    "policy" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "decided_at_us" BIGINT NOT NULL,

    CONSTRAINT "denials_pkey" PRIMARY KEY ("denial_id")
);

-- CreateTable
CREATE TABLE "bars" (
    "run_id" TEXT NOT NULL,
    "feed" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "timeframe" TEXT NOT NULL,
    "end_us" BIGINT NOT NULL,
    "revision" BIGINT NOT NULL,
    "venue" TEXT NOT NULL,
    "start_us" BIGINT NOT NULL,
    "open_nanos" BIGINT NOT NULL,
    "high_nanos" BIGINT NOT NULL,
    "low_nanos" BIGINT NOT NULL,
    "close_nanos" BIGINT NOT NULL,
    "volume" BIGINT NOT NULL,

    CONSTRAINT "bars_pkey" PRIMARY KEY ("run_id","feed","symbol","timeframe","end_us","revision")
);

-- CreateTable
CREATE TABLE "fences" (
    "key" TEXT NOT NULL,
    "epoch_us" BIGINT NOT NULL,
    "token" BIGINT NOT NULL,
    "taken" BIGINT NOT NULL,

    CONSTRAINT "fences_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "owners" (
    "key" TEXT NOT NULL,
    "last_outbox_sequence" BIGINT NOT NULL DEFAULT 0,
    "published_through" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "owners_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "owner_states" (
    "key" TEXT NOT NULL,
    "data" BYTEA NOT NULL,

    CONSTRAINT "owner_states_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "positions" (
    "key" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "epoch_us" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL,

    CONSTRAINT "positions_pkey" PRIMARY KEY ("key","stream")
);

-- CreateTable
CREATE TABLE "applied" (
    "key" TEXT NOT NULL,
    "producer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,

    CONSTRAINT "applied_pkey" PRIMARY KEY ("key","producer","subject")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "producer" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "subject" TEXT NOT NULL,
    "headers" JSONB NOT NULL,
    "data" BYTEA NOT NULL,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "order_id" TEXT NOT NULL,
    "intent_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "bot_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "quantity" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "limit_price_nanos" BIGINT,
    "stop_price_nanos" BIGINT,
    "time_in_force" TEXT NOT NULL,
    "reducing" BOOLEAN NOT NULL,
    "leg" BIGINT NOT NULL,
    "attempt" BIGINT NOT NULL,
    "decided_at_us" BIGINT NOT NULL,
    "expires_at_us" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "venue_order_id" TEXT,
    "filled_quantity" BIGINT NOT NULL,
    "filled_notional_micros" BIGINT NOT NULL,
    "reason" TEXT,
    "version" BIGINT NOT NULL,
    "updated_at_us" BIGINT NOT NULL,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "fills" (
    "account_id" TEXT NOT NULL,
    "fill_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "refers_to" TEXT,
    "order_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "bot_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "quantity" BIGINT NOT NULL,
    "price_nanos" BIGINT NOT NULL,
    "fee_micros" BIGINT NOT NULL,
    "event_at_us" BIGINT NOT NULL,
    "account_sequence" BIGINT NOT NULL,

    CONSTRAINT "fills_pkey" PRIMARY KEY ("account_id","fill_id")
);

-- CreateIndex
CREATE INDEX "reservations_account_id_open_quantity_idx" ON "reservations"("account_id", "open_quantity");

-- CreateIndex
CREATE INDEX "equity_at_us_idx" ON "equity"("at_us");

-- CreateIndex
CREATE INDEX "equity_account_id_at_us_idx" ON "equity"("account_id", "at_us");

-- CreateIndex
CREATE INDEX "equity_bot_id_at_us_idx" ON "equity"("bot_id", "at_us");

-- CreateIndex
CREATE INDEX "snapshots_account_id_taken_at_us_idx" ON "snapshots"("account_id", "taken_at_us");

-- CreateIndex
CREATE INDEX "drifts_account_id_opened_at_us_idx" ON "drifts"("account_id", "opened_at_us");

-- CreateIndex
CREATE UNIQUE INDEX "jobs_id_key" ON "jobs"("id");

-- CreateIndex
CREATE INDEX "jobs_created_at_us_id_idx" ON "jobs"("created_at_us", "id");

-- CreateIndex
CREATE INDEX "bots_account_id_idx" ON "bots"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "commands_id_key" ON "commands"("id");

-- CreateIndex
CREATE INDEX "commands_key_state_idx" ON "commands"("key", "state");

-- CreateIndex
CREATE UNIQUE INDEX "audit_id_key" ON "audit"("id");

-- CreateIndex
CREATE INDEX "audit_at_us_id_idx" ON "audit"("at_us", "id");

-- CreateIndex
CREATE INDEX "signals_bar_end_us_idx" ON "signals"("bar_end_us");

-- CreateIndex
CREATE INDEX "signals_account_id_bar_end_us_idx" ON "signals"("account_id", "bar_end_us");

-- CreateIndex
CREATE INDEX "signals_bot_id_bar_end_us_idx" ON "signals"("bot_id", "bar_end_us");

-- CreateIndex
CREATE INDEX "intents_decided_at_us_idx" ON "intents"("decided_at_us");

-- CreateIndex
CREATE INDEX "intents_account_id_decided_at_us_idx" ON "intents"("account_id", "decided_at_us");

-- CreateIndex
CREATE INDEX "intents_bot_id_decided_at_us_idx" ON "intents"("bot_id", "decided_at_us");

-- CreateIndex
CREATE INDEX "denials_decided_at_us_idx" ON "denials"("decided_at_us");

-- CreateIndex
CREATE INDEX "denials_account_id_decided_at_us_idx" ON "denials"("account_id", "decided_at_us");

-- CreateIndex
CREATE INDEX "denials_bot_id_decided_at_us_idx" ON "denials"("bot_id", "decided_at_us");

-- CreateIndex
CREATE INDEX "outbox_subject_producer_sequence_idx" ON "outbox"("subject", "producer", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_producer_sequence_key" ON "outbox"("producer", "sequence");

-- CreateIndex
CREATE INDEX "orders_decided_at_us_idx" ON "orders"("decided_at_us");

-- CreateIndex
CREATE INDEX "orders_account_id_decided_at_us_idx" ON "orders"("account_id", "decided_at_us");

-- CreateIndex
CREATE INDEX "orders_bot_id_decided_at_us_idx" ON "orders"("bot_id", "decided_at_us");

-- CreateIndex
CREATE INDEX "orders_account_id_state_idx" ON "orders"("account_id", "state");

-- CreateIndex
CREATE INDEX "fills_event_at_us_idx" ON "fills"("event_at_us");

-- CreateIndex
CREATE INDEX "fills_account_id_event_at_us_idx" ON "fills"("account_id", "event_at_us");

-- CreateIndex
CREATE INDEX "fills_bot_id_event_at_us_idx" ON "fills"("bot_id", "event_at_us");

-- CreateIndex
CREATE UNIQUE INDEX "fills_account_id_account_sequence_key" ON "fills"("account_id", "account_sequence");
