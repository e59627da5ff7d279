-- What was executed of an order where busts and corrections make it differ from what stands, and how it was replaced; NULL means
-- neither happened.
ALTER TABLE "orders"
  ADD COLUMN "executed_quantity" BIGINT,
  ADD COLUMN "replaces" JSONB,
  ADD CONSTRAINT orders_executed_not_negative CHECK (executed_quantity >= 0);
CREATE INDEX "fills_account_id_order_id_idx" ON "fills" ("account_id", "order_id");

-- Words of a venue that fit no order of ours, or make no sense of it.
CREATE TABLE "strays" (
  "account_id" TEXT NOT NULL,
  "sequence" BIGINT NOT NULL,
  "order_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "why" TEXT NOT NULL,
  "is_foreign" BOOLEAN NOT NULL,
  "event_at_us" BIGINT NOT NULL,
  "execution_id" TEXT,
  "quantity" BIGINT,
  "price_nanos" BIGINT,
  "fee_micros" BIGINT,

  CONSTRAINT "strays_pkey" PRIMARY KEY ("account_id", "sequence")
);
CREATE INDEX "strays_event_at_us_idx" ON "strays" ("event_at_us");
