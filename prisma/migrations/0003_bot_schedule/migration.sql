-- When a bot may open; NULL means always.
ALTER TABLE "bots" ADD COLUMN "schedule" JSONB;
