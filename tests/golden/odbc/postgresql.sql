==== compared: install
-- Qianzhi, PostgreSQL through ODBC: source registry is compared: nothing has to be installed.
==== compared: grants
-- An account that can log in and read the listed tables; nothing else.
CREATE ROLE "reader" LOGIN NOINHERIT CONNECTION LIMIT 6;
GRANT SELECT ON "tax"."firm" TO "reader";
GRANT SELECT ON "part" TO "reader";
==== compared: uninstall
-- Qianzhi, PostgreSQL through ODBC: source registry: nothing was installed.
-- First stop the agent.
-- The account, as the grants script made it.
REVOKE SELECT ON "tax"."firm" FROM "reader";
REVOKE SELECT ON "part" FROM "reader";
DROP ROLE "reader";
==== compared: leftovers
SELECT 'table ' || relname FROM pg_class
WHERE relkind = 'r' AND relname IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks')
UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname IN ('qianzhi_registry_17037806a042c43b_r', 'qianzhi_registry_17037806a042c43b_t', 'qianzhi_registry_17037806a042c43b_m', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_r', 'qianzhi_registry_part_t', 'qianzhi_registry_part_m', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname IN ('qianzhi_registry_17037806a042c43b_r', 'qianzhi_registry_17037806a042c43b_t', 'qianzhi_registry_17037806a042c43b_m', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_r', 'qianzhi_registry_part_t', 'qianzhi_registry_part_m', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'column ' || c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'p') AND c.relname IN ('firm', 'part') AND a.attname LIKE 'qianzhi\_%' AND NOT a.attisdropped
UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname IN ('reader');
==== journal: install
-- Qianzhi, PostgreSQL through ODBC: capture of source registry by triggers.
-- Run as the owner of the tables. What: one journal table, and triggers that write the key of each
-- changed row and what partition and filter columns held before. Locks: each table for a moment.
-- Running it again is safe; the tables are then sent anew, because changes may have been missed.
-- The tables of the journal are made where the script is run: in the schema that the agent's
-- account finds without naming it.

-- Nobody's temporary table takes the journal's place:
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', false);
CREATE TABLE IF NOT EXISTS "qianzhi_registry_journal" (
  seq bigserial PRIMARY KEY,
  tx bigint NOT NULL DEFAULT txid_current(),  -- says when an entry may be read
  tbl text NOT NULL,
  op text NOT NULL,  -- i, u, d; t: TRUNCATE; x: capture was installed here
  k text,
  o text,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  salt double precision NOT NULL DEFAULT random()  -- tells it from another with its number after a restore
);
-- Up to where the agent has read and removed it.
CREATE TABLE IF NOT EXISTS "qianzhi_registry_forgotten" (
  id int PRIMARY KEY CHECK (id = 1), lower_tx bigint NOT NULL, upper_tx bigint NOT NULL, seq bigint NOT NULL,
  identity_text text NOT NULL
);
INSERT INTO "qianzhi_registry_forgotten" SELECT 1, 0, 0, 0, '0:0:' || md5(CAST(random() AS text) || CAST(clock_timestamp() AS text))
  WHERE NOT EXISTS (SELECT 1 FROM "qianzhi_registry_forgotten");

CREATE OR REPLACE FUNCTION "qianzhi_registry_17037806a042c43b_f"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT SET timezone = 'UTC' SET datestyle = 'ISO' SET extra_float_digits = 1 AS $qianzhi$
BEGIN
  -- What Qianzhi's own writer applies is not captured.
  IF current_setting('qianzhi.writer', true) = 'on' THEN RETURN NULL; END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('tax.firm', 'i', CASE WHEN NEW."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', NEW."area"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', NEW."id"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('tax.firm', 'd', CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', OLD."area"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN OLD."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', OLD."id"), '~', '~0'), '|', '~1') || '|' END, CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', OLD."area"), '~', '~0'), '|', '~1') || '|' END);
  ELSIF TG_OP = 'TRUNCATE' THEN
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('tax.firm', 't', NULL, NULL);
  ELSIF format('%s', OLD."area") <> format('%s', NEW."area") OR format('%s', OLD."id") <> format('%s', NEW."id") THEN
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('tax.firm', 'd', CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', OLD."area"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN OLD."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', OLD."id"), '~', '~0'), '|', '~1') || '|' END, CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', OLD."area"), '~', '~0'), '|', '~1') || '|' END);
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('tax.firm', 'i', CASE WHEN NEW."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', NEW."area"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', NEW."id"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSE
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('tax.firm', 'u', CASE WHEN NEW."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', NEW."area"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', NEW."id"), '~', '~0'), '|', '~1') || '|' END, CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', OLD."area"), '~', '~0'), '|', '~1') || '|' END);
  END IF;
  RETURN NULL;
END
$qianzhi$;
REVOKE ALL ON FUNCTION "qianzhi_registry_17037806a042c43b_f"() FROM PUBLIC;
DROP TRIGGER IF EXISTS "qianzhi_registry_17037806a042c43b_r" ON "tax"."firm";
CREATE TRIGGER "qianzhi_registry_17037806a042c43b_r" AFTER INSERT OR UPDATE OR DELETE ON "tax"."firm" FOR EACH ROW EXECUTE PROCEDURE "qianzhi_registry_17037806a042c43b_f"();
ALTER TABLE "tax"."firm" ENABLE ALWAYS TRIGGER "qianzhi_registry_17037806a042c43b_r";
DROP TRIGGER IF EXISTS "qianzhi_registry_17037806a042c43b_t" ON "tax"."firm";
CREATE TRIGGER "qianzhi_registry_17037806a042c43b_t" AFTER TRUNCATE ON "tax"."firm" FOR EACH STATEMENT EXECUTE PROCEDURE "qianzhi_registry_17037806a042c43b_f"();
ALTER TABLE "tax"."firm" ENABLE ALWAYS TRIGGER "qianzhi_registry_17037806a042c43b_t";

CREATE OR REPLACE FUNCTION "qianzhi_registry_part_f"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT SET timezone = 'UTC' SET datestyle = 'ISO' SET extra_float_digits = 1 AS $qianzhi$
BEGIN
  -- What Qianzhi's own writer applies is not captured.
  IF current_setting('qianzhi.writer', true) = 'on' THEN RETURN NULL; END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('part', 'i', CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', NEW."id"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('part', 'd', CASE WHEN OLD."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', OLD."id"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSIF TG_OP = 'TRUNCATE' THEN
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('part', 't', NULL, NULL);
  ELSIF format('%s', OLD."id") <> format('%s', NEW."id") THEN
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('part', 'd', CASE WHEN OLD."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', OLD."id"), '~', '~0'), '|', '~1') || '|' END, NULL);
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('part', 'i', CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', NEW."id"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSE
    INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('part', 'u', CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(format('%s', NEW."id"), '~', '~0'), '|', '~1') || '|' END, NULL);
  END IF;
  RETURN NULL;
END
$qianzhi$;
REVOKE ALL ON FUNCTION "qianzhi_registry_part_f"() FROM PUBLIC;
DROP TRIGGER IF EXISTS "qianzhi_registry_part_r" ON "part";
CREATE TRIGGER "qianzhi_registry_part_r" AFTER INSERT OR UPDATE OR DELETE ON "part" FOR EACH ROW EXECUTE PROCEDURE "qianzhi_registry_part_f"();
ALTER TABLE "part" ENABLE ALWAYS TRIGGER "qianzhi_registry_part_r";
DROP TRIGGER IF EXISTS "qianzhi_registry_part_t" ON "part";
CREATE TRIGGER "qianzhi_registry_part_t" AFTER TRUNCATE ON "part" FOR EACH STATEMENT EXECUTE PROCEDURE "qianzhi_registry_part_f"();
ALTER TABLE "part" ENABLE ALWAYS TRIGGER "qianzhi_registry_part_t";

INSERT INTO "qianzhi_registry_journal" (tbl, op) VALUES ('tax.firm', 'x');
INSERT INTO "qianzhi_registry_journal" (tbl, op) VALUES ('part', 'x');
==== journal: grants
-- An account that can log in and read the listed tables; nothing else.
CREATE ROLE "reader" LOGIN NOINHERIT CONNECTION LIMIT 6;
GRANT SELECT ON "tax"."firm" TO "reader";
GRANT SELECT ON "part" TO "reader";
-- And what is needed to read the journal and to remove what was read.
GRANT SELECT, DELETE ON "qianzhi_registry_journal" TO "reader";
GRANT SELECT, UPDATE ON "qianzhi_registry_forgotten" TO "reader";
==== journal: uninstall
-- Qianzhi, PostgreSQL through ODBC: removes the capture of source registry; the tables themselves stay.
-- First stop the agent.
DROP TRIGGER IF EXISTS "qianzhi_registry_17037806a042c43b_r" ON "tax"."firm";
DROP TRIGGER IF EXISTS "qianzhi_registry_17037806a042c43b_t" ON "tax"."firm";
DROP FUNCTION IF EXISTS "qianzhi_registry_17037806a042c43b_f"();
DROP TRIGGER IF EXISTS "qianzhi_registry_part_r" ON "part";
DROP TRIGGER IF EXISTS "qianzhi_registry_part_t" ON "part";
DROP FUNCTION IF EXISTS "qianzhi_registry_part_f"();
DROP TABLE IF EXISTS "qianzhi_registry_journal";
DROP TABLE IF EXISTS "qianzhi_registry_forgotten";
-- The account, as the grants script made it.
REVOKE SELECT ON "tax"."firm" FROM "reader";
REVOKE SELECT ON "part" FROM "reader";
DROP ROLE "reader";
==== journal: leftovers
SELECT 'table ' || relname FROM pg_class
WHERE relkind = 'r' AND relname IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks')
UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname IN ('qianzhi_registry_17037806a042c43b_r', 'qianzhi_registry_17037806a042c43b_t', 'qianzhi_registry_17037806a042c43b_m', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_r', 'qianzhi_registry_part_t', 'qianzhi_registry_part_m', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname IN ('qianzhi_registry_17037806a042c43b_r', 'qianzhi_registry_17037806a042c43b_t', 'qianzhi_registry_17037806a042c43b_m', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_r', 'qianzhi_registry_part_t', 'qianzhi_registry_part_m', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'column ' || c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'p') AND c.relname IN ('firm', 'part') AND a.attname LIKE 'qianzhi\_%' AND NOT a.attisdropped
UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname IN ('reader');
==== fence
SELECT txid_snapshot_xmin(txid_current_snapshot())
==== watermark: install
-- Qianzhi, PostgreSQL through ODBC: capture of source registry by a watermark.
-- It sees no deletes, no TRUNCATE and no row whose watermark was not set; a comparison (reconcile)
-- finds those. Run as the owner of the tables. What: a column whose value grows with each insert and
-- update, and what keeps it. Locks: each table for a moment.

ALTER TABLE "tax"."firm" ADD COLUMN IF NOT EXISTS "qianzhi_mark" bigint;
CREATE OR REPLACE FUNCTION "qianzhi_registry_17037806a042c43b_w"() RETURNS trigger LANGUAGE plpgsql AS $qianzhi$
BEGIN
  NEW."qianzhi_mark" := pg_catalog.txid_current();
  RETURN NEW;
END
$qianzhi$;
DROP TRIGGER IF EXISTS "qianzhi_registry_17037806a042c43b_m" ON "tax"."firm";
CREATE TRIGGER "qianzhi_registry_17037806a042c43b_m" BEFORE INSERT OR UPDATE ON "tax"."firm" FOR EACH ROW EXECUTE PROCEDURE "qianzhi_registry_17037806a042c43b_w"();
ALTER TABLE "tax"."firm" ENABLE ALWAYS TRIGGER "qianzhi_registry_17037806a042c43b_m";
-- On a large table make it beforehand, by itself, with CREATE INDEX CONCURRENTLY.
CREATE INDEX IF NOT EXISTS "qianzhi_registry_17037806a042c43b_k" ON "tax"."firm" ("qianzhi_mark", "area", "id");

ALTER TABLE "part" ADD COLUMN IF NOT EXISTS "qianzhi_mark" bigint;
CREATE OR REPLACE FUNCTION "qianzhi_registry_part_w"() RETURNS trigger LANGUAGE plpgsql AS $qianzhi$
BEGIN
  NEW."qianzhi_mark" := pg_catalog.txid_current();
  RETURN NEW;
END
$qianzhi$;
DROP TRIGGER IF EXISTS "qianzhi_registry_part_m" ON "part";
CREATE TRIGGER "qianzhi_registry_part_m" BEFORE INSERT OR UPDATE ON "part" FOR EACH ROW EXECUTE PROCEDURE "qianzhi_registry_part_w"();
ALTER TABLE "part" ENABLE ALWAYS TRIGGER "qianzhi_registry_part_m";
-- On a large table make it beforehand, by itself, with CREATE INDEX CONCURRENTLY.
CREATE INDEX IF NOT EXISTS "qianzhi_registry_part_k" ON "part" ("qianzhi_mark", "id");

==== watermark: grants
-- An account that can log in and read the listed tables; nothing else.
CREATE ROLE "reader" LOGIN NOINHERIT CONNECTION LIMIT 6;
GRANT SELECT ON "tax"."firm" TO "reader";
GRANT SELECT ON "part" TO "reader";
==== watermark: uninstall
-- Qianzhi, PostgreSQL through ODBC: removes the watermarks of source registry; the tables themselves stay.
-- First stop the agent.
DROP TRIGGER IF EXISTS "qianzhi_registry_17037806a042c43b_m" ON "tax"."firm";
DROP FUNCTION IF EXISTS "qianzhi_registry_17037806a042c43b_w"();
ALTER TABLE "tax"."firm" DROP COLUMN IF EXISTS "qianzhi_mark";
DROP TRIGGER IF EXISTS "qianzhi_registry_part_m" ON "part";
DROP FUNCTION IF EXISTS "qianzhi_registry_part_w"();
ALTER TABLE "part" DROP COLUMN IF EXISTS "qianzhi_mark";
-- The account, as the grants script made it.
REVOKE SELECT ON "tax"."firm" FROM "reader";
REVOKE SELECT ON "part" FROM "reader";
DROP ROLE "reader";
==== watermark: leftovers
SELECT 'table ' || relname FROM pg_class
WHERE relkind = 'r' AND relname IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks')
UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname IN ('qianzhi_registry_17037806a042c43b_r', 'qianzhi_registry_17037806a042c43b_t', 'qianzhi_registry_17037806a042c43b_m', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_r', 'qianzhi_registry_part_t', 'qianzhi_registry_part_m', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname IN ('qianzhi_registry_17037806a042c43b_r', 'qianzhi_registry_17037806a042c43b_t', 'qianzhi_registry_17037806a042c43b_m', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_r', 'qianzhi_registry_part_t', 'qianzhi_registry_part_m', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'column ' || c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'p') AND c.relname IN ('firm', 'part') AND a.attname LIKE 'qianzhi\_%' AND NOT a.attisdropped
UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname IN ('reader');
==== watermark: asked
SELECT CAST(txid_snapshot_xmin(s) AS text), CAST(txid_snapshot_xmax(s) AS text) FROM txid_current_snapshot() s
==== watermark: asked
SELECT CAST(oid AS text) FROM pg_database WHERE datname = current_database()
==== target: install
-- Qianzhi, PostgreSQL through ODBC: received tables of target inbox.
-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.
CREATE TABLE IF NOT EXISTS "qianzhi_mark" (
  subscription varchar(200) COLLATE "C" NOT NULL,
  origin varchar(100) COLLATE "C" NOT NULL,
  epoch bigint NOT NULL,
  sequence_number bigint NOT NULL,
  digest varchar(64) COLLATE "C" NOT NULL,
  state_hex text,
  PRIMARY KEY (subscription, origin)
);

CREATE TABLE IF NOT EXISTS "received" (
  "id" varchar(18) COLLATE "C" NOT NULL,  -- 编号
  "name" text,
  "capital" numeric(18, 2),
  "since" date,
  "changed" timestamp,
  "open" boolean,
  "count" bigint,
  "seal" bytea,
  qz_origin varchar(100) COLLATE "C" NOT NULL,  -- agent that sent the row
  qz_group varchar(200) COLLATE "C" NOT NULL,  -- partition value it was granted under
  qz_seen varchar(100) COLLATE "C" NOT NULL,  -- refill that last touched it
  qz_deleted bigint NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "qz_received_group" ON "received" (qz_origin, qz_group);

CREATE TABLE IF NOT EXISTS "changes" (
  "id" varchar(18) COLLATE "C" NOT NULL,  -- 编号
  "name" text,
  "capital" numeric(18, 2),
  "since" date,
  "changed" timestamp,
  "open" boolean,
  "count" bigint,
  "seal" bytea,
  qz_origin varchar(100) COLLATE "C" NOT NULL,  -- agent that sent the row
  qz_group varchar(200) COLLATE "C" NOT NULL,  -- partition value it was granted under
  qz_seen varchar(100) COLLATE "C" NOT NULL,  -- refill that last touched it
  PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "qz_changes_group" ON "changes" (qz_origin, qz_group);
CREATE TABLE IF NOT EXISTS "changes_history" (
  "id" varchar(18) COLLATE "C" NOT NULL,  -- 编号
  "name" text,
  "capital" numeric(18, 2),
  "since" date,
  "changed" timestamp,
  "open" boolean,
  "count" bigint,
  "seal" bytea,
  qz_origin varchar(100) COLLATE "C" NOT NULL,
  qz_group varchar(200) COLLATE "C" NOT NULL,
  qz_operation varchar(10) COLLATE "C" NOT NULL,  -- upsert, delete
  qz_epoch bigint NOT NULL,
  qz_sequence bigint NOT NULL,
  qz_ordinal bigint NOT NULL,
  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)
);
==== target: grants
-- An account that can log in and change the received tables; nothing else.
CREATE ROLE "reader" LOGIN NOINHERIT CONNECTION LIMIT 6;
GRANT SELECT, INSERT, UPDATE ON "qianzhi_mark" TO "reader";
GRANT SELECT, INSERT, UPDATE, DELETE ON "received" TO "reader";
GRANT SELECT, INSERT, UPDATE, DELETE ON "changes" TO "reader";
GRANT SELECT, INSERT ON "changes_history" TO "reader";
==== target: uninstall
-- Qianzhi, PostgreSQL through ODBC: removes the received rows of target inbox.
-- qianzhi_mark is shared with other targets of this database and stays.
DROP TABLE "received";
DROP TABLE "changes";
DROP TABLE "changes_history";
-- The account, as the grants script made it.
REVOKE SELECT, INSERT, UPDATE ON "qianzhi_mark" FROM "reader";
DROP ROLE "reader";
==== target: leftovers
SELECT 'table ' || relname FROM pg_class
WHERE relkind = 'r' AND relname IN ('received', 'changes', 'changes_history')
UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname IN ('')
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname IN ('')
UNION ALL SELECT 'column ' || c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'p') AND c.relname IN ('') AND a.attname LIKE 'qianzhi\_%' AND NOT a.attisdropped
UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname IN ('reader');
==== first page
SELECT q."t", CAST(q."i" AS text), CAST(q."n" AS text), CAST(q."r" AS text), CAST(q."d" AS text), CAST(q."s" AS text), CAST(q."z" AS text), CAST(q."b" AS text), encode(q."o", 'hex'), CAST(q."x" AS text) FROM "firm" q ORDER BY q."t", q."i" LIMIT 500
==== next page
SELECT q."t", CAST(q."i" AS text), CAST(q."n" AS text), CAST(q."r" AS text), CAST(q."d" AS text), CAST(q."s" AS text), CAST(q."z" AS text), CAST(q."b" AS text), encode(q."o", 'hex'), CAST(q."x" AS text) FROM "firm" q WHERE (q."t", q."i") > (CAST(? AS native), CAST(? AS native)) ORDER BY q."t", q."i" LIMIT 500
