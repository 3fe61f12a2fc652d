==== compared: install
-- Qianzhi, SQLite through ODBC: source registry is compared: nothing has to be installed.
==== compared: grants
-- This database knows no users: the account of the agent needs read permission on its file.
==== compared: uninstall
-- Qianzhi, SQLite through ODBC: source registry: nothing was installed.
-- First stop the agent.
==== compared: leftovers
SELECT type || ' ' || name FROM sqlite_master
WHERE type IN ('table', 'trigger') AND name IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks', 'qianzhi_registry_firm_i', 'qianzhi_registry_firm_u', 'qianzhi_registry_firm_d', 'qianzhi_registry_firm_b', 'qianzhi_registry_firm_m', 'qianzhi_registry_firm_n', 'qianzhi_registry_firm_f', 'qianzhi_registry_firm_w', 'qianzhi_registry_part_i', 'qianzhi_registry_part_u', 'qianzhi_registry_part_d', 'qianzhi_registry_part_b', 'qianzhi_registry_part_m', 'qianzhi_registry_part_n', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'column ' || m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name IN ('firm', 'part') AND c.name LIKE 'qianzhi\_%' ESCAPE '\';
==== journal: install
-- Qianzhi, SQLite through ODBC: capture of source registry by triggers.
-- Run as the owner of the tables. What: one journal table, and triggers that write the key of each
-- changed row and what partition and filter columns held before. Locks: each table for a moment.
-- Running it again is safe; the tables are then sent anew, because changes may have been missed.
-- The tables of the journal are made where the script is run: in the schema that the agent's
-- account finds without naming it.

CREATE TABLE IF NOT EXISTS "qianzhi_registry_journal" (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  tx INTEGER NOT NULL DEFAULT 0,
  tbl TEXT NOT NULL,
  op TEXT NOT NULL,  -- i, u, d; x: capture was installed here
  k TEXT,
  o TEXT,
  at INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000),
  salt INTEGER NOT NULL DEFAULT (random())  -- tells it from another with its number after a restore
);
-- Up to where the agent has read and removed it.
CREATE TABLE IF NOT EXISTS "qianzhi_registry_forgotten" (
  id INTEGER PRIMARY KEY CHECK (id = 1), lower_tx INTEGER NOT NULL, upper_tx INTEGER NOT NULL, seq INTEGER NOT NULL,
  identity_text TEXT NOT NULL
);
-- Holds a row only inside the transactions of Qianzhi's own writer, so that what it writes is not captured.
CREATE TABLE IF NOT EXISTS qianzhi_guard (on_behalf_of TEXT NOT NULL);
INSERT OR IGNORE INTO "qianzhi_registry_forgotten" VALUES (1, 0, 0, 0, '0:0:' || lower(hex(randomblob(16))));

DROP TRIGGER IF EXISTS "qianzhi_registry_firm_i";
CREATE TRIGGER "qianzhi_registry_firm_i" AFTER INSERT ON "firm" WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('firm', 'i', CASE WHEN NEW."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(NEW."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END || CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(NEW."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, NULL);
END;
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_u";
CREATE TRIGGER "qianzhi_registry_firm_u" AFTER UPDATE ON "firm" WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) SELECT 'firm', 'd', CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(OLD."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END || CASE WHEN OLD."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(OLD."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(OLD."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END WHERE CAST(OLD."area" AS TEXT) COLLATE BINARY IS NOT CAST(NEW."area" AS TEXT) OR CAST(OLD."id" AS TEXT) COLLATE BINARY IS NOT CAST(NEW."id" AS TEXT);
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) SELECT 'firm', 'i', CASE WHEN NEW."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(NEW."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END || CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(NEW."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, NULL WHERE CAST(OLD."area" AS TEXT) COLLATE BINARY IS NOT CAST(NEW."area" AS TEXT) OR CAST(OLD."id" AS TEXT) COLLATE BINARY IS NOT CAST(NEW."id" AS TEXT);
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) SELECT 'firm', 'u', CASE WHEN NEW."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(NEW."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END || CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(NEW."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(OLD."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END WHERE NOT (CAST(OLD."area" AS TEXT) COLLATE BINARY IS NOT CAST(NEW."area" AS TEXT) OR CAST(OLD."id" AS TEXT) COLLATE BINARY IS NOT CAST(NEW."id" AS TEXT));
END;
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_d";
CREATE TRIGGER "qianzhi_registry_firm_d" AFTER DELETE ON "firm" WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('firm', 'd', CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(OLD."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END || CASE WHEN OLD."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(OLD."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, CASE WHEN OLD."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(OLD."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END);
END;
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_b";
CREATE TRIGGER "qianzhi_registry_firm_b" BEFORE INSERT ON "firm" WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) SELECT 'firm', 'u', CASE WHEN was."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(was."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END || CASE WHEN was."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(was."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, CASE WHEN was."area" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(was."area" AS TEXT), '~', '~0'), '|', '~1') || '|' END FROM "firm" AS was WHERE was."area" = NEW."area" AND was."id" = NEW."id";
END;

DROP TRIGGER IF EXISTS "qianzhi_registry_part_i";
CREATE TRIGGER "qianzhi_registry_part_i" AFTER INSERT ON "part" WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('part', 'i', CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(NEW."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, NULL);
END;
DROP TRIGGER IF EXISTS "qianzhi_registry_part_u";
CREATE TRIGGER "qianzhi_registry_part_u" AFTER UPDATE ON "part" WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) SELECT 'part', 'd', CASE WHEN OLD."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(OLD."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, NULL WHERE CAST(OLD."id" AS TEXT) COLLATE BINARY IS NOT CAST(NEW."id" AS TEXT);
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) SELECT 'part', 'i', CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(NEW."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, NULL WHERE CAST(OLD."id" AS TEXT) COLLATE BINARY IS NOT CAST(NEW."id" AS TEXT);
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) SELECT 'part', 'u', CASE WHEN NEW."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(NEW."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, NULL WHERE NOT (CAST(OLD."id" AS TEXT) COLLATE BINARY IS NOT CAST(NEW."id" AS TEXT));
END;
DROP TRIGGER IF EXISTS "qianzhi_registry_part_d";
CREATE TRIGGER "qianzhi_registry_part_d" AFTER DELETE ON "part" WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) VALUES ('part', 'd', CASE WHEN OLD."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(OLD."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, NULL);
END;
DROP TRIGGER IF EXISTS "qianzhi_registry_part_b";
CREATE TRIGGER "qianzhi_registry_part_b" BEFORE INSERT ON "part" WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO "qianzhi_registry_journal" (tbl, op, k, o) SELECT 'part', 'u', CASE WHEN was."id" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(CAST(was."id" AS TEXT), '~', '~0'), '|', '~1') || '|' END, NULL FROM "part" AS was WHERE was."id" = NEW."id";
END;

INSERT INTO "qianzhi_registry_journal" (tbl, op) VALUES ('firm', 'x');
INSERT INTO "qianzhi_registry_journal" (tbl, op) VALUES ('part', 'x');
==== journal: grants
-- This database knows no users: the account of the agent needs read permission on its file.
==== journal: uninstall
-- Qianzhi, SQLite through ODBC: removes the capture of source registry; the tables themselves stay.
-- First stop the agent.
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_i";
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_u";
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_d";
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_b";
DROP TRIGGER IF EXISTS "qianzhi_registry_part_i";
DROP TRIGGER IF EXISTS "qianzhi_registry_part_u";
DROP TRIGGER IF EXISTS "qianzhi_registry_part_d";
DROP TRIGGER IF EXISTS "qianzhi_registry_part_b";
DROP TABLE IF EXISTS "qianzhi_registry_journal";
DROP TABLE IF EXISTS "qianzhi_registry_forgotten";
==== journal: leftovers
SELECT type || ' ' || name FROM sqlite_master
WHERE type IN ('table', 'trigger') AND name IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks', 'qianzhi_registry_firm_i', 'qianzhi_registry_firm_u', 'qianzhi_registry_firm_d', 'qianzhi_registry_firm_b', 'qianzhi_registry_firm_m', 'qianzhi_registry_firm_n', 'qianzhi_registry_firm_f', 'qianzhi_registry_firm_w', 'qianzhi_registry_part_i', 'qianzhi_registry_part_u', 'qianzhi_registry_part_d', 'qianzhi_registry_part_b', 'qianzhi_registry_part_m', 'qianzhi_registry_part_n', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'column ' || m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name IN ('firm', 'part') AND c.name LIKE 'qianzhi\_%' ESCAPE '\';
==== fence

==== watermark: install
-- Qianzhi, SQLite through ODBC: capture of source registry by a watermark.
-- It sees no deletes, no TRUNCATE and no row whose watermark was not set; a comparison (reconcile)
-- finds those. Run as the owner of the tables. What: a column whose value grows with each insert and
-- update, and what keeps it. Locks: each table for a moment.

CREATE TABLE IF NOT EXISTS "qianzhi_registry_marks" (
  id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL, origin TEXT NOT NULL
);
INSERT OR IGNORE INTO "qianzhi_registry_marks" VALUES (1, 0, lower(hex(randomblob(16))));
-- If the script is run again this line fails, because the column is there; go on behind it.
ALTER TABLE "firm" ADD COLUMN "qianzhi_mark" INTEGER;
CREATE INDEX IF NOT EXISTS "qianzhi_registry_firm_k" ON "firm" ("qianzhi_mark", "area", "id");
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_m";
CREATE TRIGGER "qianzhi_registry_firm_m" AFTER INSERT ON "firm"
BEGIN
  UPDATE "qianzhi_registry_marks" SET n = n + 1;
  UPDATE "firm" SET "qianzhi_mark" = (SELECT n FROM "qianzhi_registry_marks") WHERE "area" = NEW."area" AND "id" = NEW."id";
END;
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_n";
CREATE TRIGGER "qianzhi_registry_firm_n" AFTER UPDATE ON "firm" WHEN NEW."qianzhi_mark" IS OLD."qianzhi_mark"
BEGIN
  UPDATE "qianzhi_registry_marks" SET n = n + 1;
  UPDATE "firm" SET "qianzhi_mark" = (SELECT n FROM "qianzhi_registry_marks") WHERE "area" = NEW."area" AND "id" = NEW."id";
END;

-- If the script is run again this line fails, because the column is there; go on behind it.
ALTER TABLE "part" ADD COLUMN "qianzhi_mark" INTEGER;
CREATE INDEX IF NOT EXISTS "qianzhi_registry_part_k" ON "part" ("qianzhi_mark", "id");
DROP TRIGGER IF EXISTS "qianzhi_registry_part_m";
CREATE TRIGGER "qianzhi_registry_part_m" AFTER INSERT ON "part"
BEGIN
  UPDATE "qianzhi_registry_marks" SET n = n + 1;
  UPDATE "part" SET "qianzhi_mark" = (SELECT n FROM "qianzhi_registry_marks") WHERE "id" = NEW."id";
END;
DROP TRIGGER IF EXISTS "qianzhi_registry_part_n";
CREATE TRIGGER "qianzhi_registry_part_n" AFTER UPDATE ON "part" WHEN NEW."qianzhi_mark" IS OLD."qianzhi_mark"
BEGIN
  UPDATE "qianzhi_registry_marks" SET n = n + 1;
  UPDATE "part" SET "qianzhi_mark" = (SELECT n FROM "qianzhi_registry_marks") WHERE "id" = NEW."id";
END;

==== watermark: grants
-- This database knows no users: the account of the agent needs read permission on its file.
==== watermark: uninstall
-- Qianzhi, SQLite through ODBC: removes the watermarks of source registry; the tables themselves stay.
-- First stop the agent.
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_m";
DROP TRIGGER IF EXISTS "qianzhi_registry_firm_n";
DROP INDEX IF EXISTS "qianzhi_registry_firm_k";
ALTER TABLE "firm" DROP COLUMN "qianzhi_mark";
DROP TRIGGER IF EXISTS "qianzhi_registry_part_m";
DROP TRIGGER IF EXISTS "qianzhi_registry_part_n";
DROP INDEX IF EXISTS "qianzhi_registry_part_k";
ALTER TABLE "part" DROP COLUMN "qianzhi_mark";
DROP TABLE IF EXISTS "qianzhi_registry_marks";
==== watermark: leftovers
SELECT type || ' ' || name FROM sqlite_master
WHERE type IN ('table', 'trigger') AND name IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks', 'qianzhi_registry_firm_i', 'qianzhi_registry_firm_u', 'qianzhi_registry_firm_d', 'qianzhi_registry_firm_b', 'qianzhi_registry_firm_m', 'qianzhi_registry_firm_n', 'qianzhi_registry_firm_f', 'qianzhi_registry_firm_w', 'qianzhi_registry_part_i', 'qianzhi_registry_part_u', 'qianzhi_registry_part_d', 'qianzhi_registry_part_b', 'qianzhi_registry_part_m', 'qianzhi_registry_part_n', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'column ' || m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name IN ('firm', 'part') AND c.name LIKE 'qianzhi\_%' ESCAPE '\';
==== watermark: asked
SELECT CAST(n + 1 AS TEXT), CAST(n + 1 AS TEXT) FROM "qianzhi_registry_marks"
==== watermark: asked
SELECT origin FROM "qianzhi_registry_marks"
==== target: install
-- Qianzhi, SQLite through ODBC: received tables of target inbox.
-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.
CREATE TABLE IF NOT EXISTS "qianzhi_mark" (
  subscription TEXT NOT NULL,
  origin TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  sequence_number INTEGER NOT NULL,
  digest TEXT NOT NULL,
  state_hex TEXT,
  PRIMARY KEY (subscription, origin)
);
-- Holds a row only inside the transactions of Qianzhi's own writer, so that what it writes is not captured.
CREATE TABLE IF NOT EXISTS qianzhi_guard (on_behalf_of TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS "received" (
  "id" TEXT NOT NULL,  -- 编号
  "name" TEXT,
  "capital" TEXT,
  "since" TEXT,
  "changed" TEXT,
  "open" BOOLEAN,
  "count" INTEGER,
  "seal" BLOB,
  qz_origin TEXT NOT NULL,  -- agent that sent the row
  qz_group TEXT NOT NULL,  -- partition value it was granted under
  qz_seen TEXT NOT NULL,  -- refill that last touched it
  qz_deleted INTEGER NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "qz_received_group" ON "received" (qz_origin, qz_group);

CREATE TABLE IF NOT EXISTS "changes" (
  "id" TEXT NOT NULL,  -- 编号
  "name" TEXT,
  "capital" TEXT,
  "since" TEXT,
  "changed" TEXT,
  "open" BOOLEAN,
  "count" INTEGER,
  "seal" BLOB,
  qz_origin TEXT NOT NULL,  -- agent that sent the row
  qz_group TEXT NOT NULL,  -- partition value it was granted under
  qz_seen TEXT NOT NULL,  -- refill that last touched it
  PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "qz_changes_group" ON "changes" (qz_origin, qz_group);
CREATE TABLE IF NOT EXISTS "changes_history" (
  "id" TEXT NOT NULL,  -- 编号
  "name" TEXT,
  "capital" TEXT,
  "since" TEXT,
  "changed" TEXT,
  "open" BOOLEAN,
  "count" INTEGER,
  "seal" BLOB,
  qz_origin TEXT NOT NULL,
  qz_group TEXT NOT NULL,
  qz_operation TEXT NOT NULL,  -- upsert, delete
  qz_epoch INTEGER NOT NULL,
  qz_sequence INTEGER NOT NULL,
  qz_ordinal INTEGER NOT NULL,
  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)
);
==== target: grants
-- This database knows no users: the agent's account must be able to write its file.
==== target: uninstall
-- Qianzhi, SQLite through ODBC: removes the received rows of target inbox.
-- qianzhi_mark is shared with other targets of this database and stays.
DROP TABLE "received";
DROP TABLE "changes";
DROP TABLE "changes_history";
==== target: leftovers
SELECT type || ' ' || name FROM sqlite_master
WHERE type IN ('table', 'trigger') AND name IN ('received', 'changes', 'changes_history', '')
UNION ALL SELECT 'column ' || m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name IN ('') AND c.name LIKE 'qianzhi\_%' ESCAPE '\';
==== first page
SELECT CASE WHEN instr(CAST(q."t" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."t") ELSE CAST(q."t" AS TEXT) END, CASE WHEN instr(CAST(q."i" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."i") ELSE CAST(q."i" AS TEXT) END, CASE WHEN instr(CAST(q."n" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."n") ELSE CAST(q."n" AS TEXT) END, CASE WHEN instr(CAST(q."r" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."r") ELSE CAST(q."r" AS TEXT) END, CASE WHEN instr(CAST(q."d" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."d") ELSE CAST(q."d" AS TEXT) END, CASE WHEN instr(CAST(q."s" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."s") ELSE CAST(q."s" AS TEXT) END, CASE WHEN instr(CAST(q."z" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."z") ELSE CAST(q."z" AS TEXT) END, CASE q."b" WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CAST(q."b" AS TEXT) END, CASE WHEN q."o" IS NOT NULL THEN hex(q."o") END, CASE WHEN instr(CAST(q."x" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."x") ELSE CAST(q."x" AS TEXT) END FROM "firm" q ORDER BY q."t" COLLATE BINARY, q."i" LIMIT 500
==== next page
SELECT CASE WHEN instr(CAST(q."t" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."t") ELSE CAST(q."t" AS TEXT) END, CASE WHEN instr(CAST(q."i" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."i") ELSE CAST(q."i" AS TEXT) END, CASE WHEN instr(CAST(q."n" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."n") ELSE CAST(q."n" AS TEXT) END, CASE WHEN instr(CAST(q."r" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."r") ELSE CAST(q."r" AS TEXT) END, CASE WHEN instr(CAST(q."d" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."d") ELSE CAST(q."d" AS TEXT) END, CASE WHEN instr(CAST(q."s" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."s") ELSE CAST(q."s" AS TEXT) END, CASE WHEN instr(CAST(q."z" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."z") ELSE CAST(q."z" AS TEXT) END, CASE q."b" WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CAST(q."b" AS TEXT) END, CASE WHEN q."o" IS NOT NULL THEN hex(q."o") END, CASE WHEN instr(CAST(q."x" AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex(q."x") ELSE CAST(q."x" AS TEXT) END FROM "firm" q WHERE (q."t" COLLATE BINARY, q."i") > (?, ?) ORDER BY q."t" COLLATE BINARY, q."i" LIMIT 500
