-- Ends the transaction with an error of the store's own: CPF01 fenced, CPC01 conflict. Called from a query that found what
-- must not be.
CREATE FUNCTION capstan_refuse(code TEXT, reason TEXT) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = code, MESSAGE = reason;
END
$$;

ALTER TABLE fences
  ADD CONSTRAINT fences_token_positive CHECK (token > 0),
  ADD CONSTRAINT fences_taken_positive CHECK (taken > 0);
ALTER TABLE owners
  ADD CONSTRAINT owners_sequences_not_negative
  CHECK (last_outbox_sequence >= 0 AND published_through >= 0);
ALTER TABLE positions ADD CONSTRAINT positions_sequence_not_negative CHECK (sequence >= 0);
ALTER TABLE applied ADD CONSTRAINT applied_sequence_not_negative CHECK (sequence >= 0);
ALTER TABLE outbox ADD CONSTRAINT outbox_sequence_positive CHECK (sequence > 0);

ALTER TABLE bars
  ADD CONSTRAINT bars_end_after_start CHECK (end_us > start_us),
  ADD CONSTRAINT bars_revision_not_negative CHECK (revision >= 0),
  ADD CONSTRAINT bars_volume_not_negative CHECK (volume >= 0),
  ADD CONSTRAINT bars_prices_in_order
  CHECK (low_nanos <= least(open_nanos, close_nanos) AND high_nanos >= greatest(open_nanos, close_nanos));

ALTER TABLE signals
  ADD CONSTRAINT signals_direction_known CHECK (direction IN ('long', 'short', 'flat')),
  ADD CONSTRAINT signals_strength_fraction CHECK (strength >= 0 AND strength <= 1);
ALTER TABLE intents
  ADD CONSTRAINT intents_side_known CHECK (side IN ('buy', 'sell')),
  ADD CONSTRAINT intents_quantity_positive CHECK (quantity > 0);

ALTER TABLE orders
  ADD CONSTRAINT orders_side_known CHECK (side IN ('buy', 'sell')),
  ADD CONSTRAINT orders_quantity_positive CHECK (quantity > 0),
  ADD CONSTRAINT orders_filled_not_negative CHECK (filled_quantity >= 0),
  ADD CONSTRAINT orders_version_positive CHECK (version > 0);
ALTER TABLE fills
  ADD CONSTRAINT fills_side_known CHECK (side IN ('buy', 'sell')),
  ADD CONSTRAINT fills_quantity_positive CHECK (quantity > 0),
  ADD CONSTRAINT fills_sequence_positive CHECK (account_sequence > 0),
  ADD CONSTRAINT fills_reference_where_due CHECK (kind = 'fill' OR refers_to IS NOT NULL);

ALTER TABLE reservations
  ADD CONSTRAINT reservations_side_known CHECK (side IN ('buy', 'sell')),
  ADD CONSTRAINT reservations_open_not_negative CHECK (open_quantity >= 0);
ALTER TABLE drifts
  ADD CONSTRAINT drifts_healed_after_opened CHECK (healed_at_us IS NULL OR healed_at_us >= opened_at_us);

ALTER TABLE commands
  ADD CONSTRAINT commands_state_known CHECK (state IN ('pending', 'done', 'refused'));
ALTER TABLE tokens ADD CONSTRAINT tokens_role_known CHECK (role IN ('viewer', 'operator'));
ALTER TABLE jobs
  ADD CONSTRAINT jobs_state_known CHECK (state IN ('queued', 'running', 'done', 'failed')),
  ADD CONSTRAINT jobs_result_where_done
  CHECK ((state = 'done') = (digest IS NOT NULL) AND (state <> 'done' OR result IS NOT NULL));

-- Rows that are rewritten at each step stay on their page.
ALTER TABLE fences SET (fillfactor = 50);
ALTER TABLE owners SET (fillfactor = 50);
ALTER TABLE positions SET (fillfactor = 50);
ALTER TABLE applied SET (fillfactor = 50);
ALTER TABLE ledger_positions SET (fillfactor = 70);
ALTER TABLE ledger_cash SET (fillfactor = 70);
