-- Entries by stop, and what of the bars a bot is sized by; NULL means none.
ALTER TABLE "signals"
  ADD COLUMN "entry_stop_price_nanos" BIGINT,
  ADD COLUMN "atr_nanos" BIGINT,
  ADD COLUMN "bar_volatility" DOUBLE PRECISION;
