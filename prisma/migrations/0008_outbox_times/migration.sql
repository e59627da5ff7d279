-- When a message was written, by the server's clock: what is old may be removed. What was written before this column came counts
-- from then on. A summary of blocks is all the index that rows in the order of their writing need.
ALTER TABLE "outbox"
  ADD COLUMN "written_at_us" BIGINT NOT NULL DEFAULT (extract(epoch FROM now()) * 1000000)::bigint;
CREATE INDEX "outbox_written_at_us_idx" ON "outbox" USING BRIN ("written_at_us");
