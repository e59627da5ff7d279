-- Protective exits and trails; NULL means none.
ALTER TABLE "signals" ADD COLUMN "trail_nanos" BIGINT, ADD COLUMN "trail_bps" DOUBLE PRECISION;
ALTER TABLE "intents" ADD COLUMN "exits" JSONB;
ALTER TABLE "orders"
  ADD COLUMN "trail_nanos" BIGINT,
  ADD COLUMN "trail_bps" DOUBLE PRECISION,
  ADD COLUMN "activation_price_nanos" BIGINT,
  ADD COLUMN "exits" JSONB;
