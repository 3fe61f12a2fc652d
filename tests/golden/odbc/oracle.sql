==== compared: install
-- Qianzhi, Oracle through ODBC: source registry is compared: nothing has to be installed.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
==== compared: grants
-- An account that can log in and read the listed tables; nothing else.
-- CREATE USER "READER" IDENTIFIED BY ...; GRANT CREATE SESSION TO "READER";
GRANT SELECT ON "TAX"."FIRM" TO "READER";
GRANT SELECT ON "PART" TO "READER";
==== compared: uninstall
-- Qianzhi, Oracle through ODBC: source registry: nothing was installed.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- First stop the agent.
-- The account, as the grants script made it.
-- DROP USER "READER";
==== compared: leftovers
SELECT 'table ' || table_name FROM user_tables
WHERE table_name IN ('QIANZHI_REGISTRY_JOURNAL', 'QIANZHI_REGISTRY_FORGOTTEN', 'QIANZHI_REGISTRY_MARKS')
UNION ALL SELECT 'trigger ' || trigger_name FROM user_triggers WHERE trigger_name IN ('QIANZHI_REGISTRY_17037806A042C43B_R', 'QIANZHI_REGISTRY_17037806A042C43B_F', 'QIANZHI_REGISTRY_17037806A042C43B_W', 'QIANZHI_REGISTRY_PART_R', 'QIANZHI_REGISTRY_PART_F', 'QIANZHI_REGISTRY_PART_W')
UNION ALL SELECT 'role ' || username FROM all_users WHERE username IN ('READER');
==== journal: install
-- Qianzhi, Oracle through ODBC: capture of source registry by triggers.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- Run as the owner of the tables. What: one journal table, and triggers that write the key of each
-- changed row and what partition and filter columns held before. Locks: each table for a moment.
-- Running it again is safe; the tables are then sent anew, because changes may have been missed.
-- The tables of the journal are made where the script is run: in the schema that the agent's
-- account finds without naming it.

CREATE TABLE "QIANZHI_REGISTRY_JOURNAL" (
  seq NUMBER(19) GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tx NUMBER(19) NOT NULL,  -- the server's clock, microseconds: says when an entry may be read
  tbl VARCHAR2(200) NOT NULL,
  op CHAR(1) NOT NULL,  -- i, u, d; x: capture was installed here
  k VARCHAR2(4000),
  o VARCHAR2(4000),
  salt RAW(16) DEFAULT SYS_GUID() NOT NULL  -- tells it from another with its number after a restore
);
-- Up to where the agent has read and removed it.
CREATE TABLE "QIANZHI_REGISTRY_FORGOTTEN" (
  id NUMBER(1) PRIMARY KEY, lower_tx NUMBER(19) NOT NULL, upper_tx NUMBER(19) NOT NULL, seq NUMBER(19) NOT NULL,
  identity_text VARCHAR2(200) NOT NULL
);
INSERT INTO "QIANZHI_REGISTRY_FORGOTTEN" VALUES (1, 0, 0, 0, '0:0:' || RAWTOHEX(SYS_GUID()));

CREATE OR REPLACE TRIGGER "QIANZHI_REGISTRY_17037806A042C43B_R" AFTER INSERT OR UPDATE OR DELETE ON "TAX"."FIRM" FOR EACH ROW
DECLARE
  t NUMBER(19) := FLOOR((CAST(SYSDATE AS DATE) - DATE '1970-01-01') * 86400) * 1000000;
BEGIN
  IF NVL(SYS_CONTEXT('USERENV', 'CLIENT_IDENTIFIER'), '-') = 'qianzhi_writer' THEN RETURN; END IF;
  IF INSERTING THEN
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'tax.firm', 'i', CASE WHEN :NEW."AREA" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:NEW."AREA"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN :NEW."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:NEW."ID"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSIF DELETING THEN
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'tax.firm', 'd', CASE WHEN :OLD."AREA" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:OLD."AREA"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN :OLD."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:OLD."ID"), '~', '~0'), '|', '~1') || '|' END, CASE WHEN :OLD."AREA" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:OLD."AREA"), '~', '~0'), '|', '~1') || '|' END);
  ELSIF TO_CHAR(:OLD."AREA") <> TO_CHAR(:NEW."AREA") OR TO_CHAR(:OLD."ID") <> TO_CHAR(:NEW."ID") THEN
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'tax.firm', 'd', CASE WHEN :OLD."AREA" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:OLD."AREA"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN :OLD."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:OLD."ID"), '~', '~0'), '|', '~1') || '|' END, CASE WHEN :OLD."AREA" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:OLD."AREA"), '~', '~0'), '|', '~1') || '|' END);
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'tax.firm', 'i', CASE WHEN :NEW."AREA" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:NEW."AREA"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN :NEW."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:NEW."ID"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSE
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'tax.firm', 'u', CASE WHEN :NEW."AREA" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:NEW."AREA"), '~', '~0'), '|', '~1') || '|' END || CASE WHEN :NEW."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:NEW."ID"), '~', '~0'), '|', '~1') || '|' END, CASE WHEN :OLD."AREA" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:OLD."AREA"), '~', '~0'), '|', '~1') || '|' END);
  END IF;
END;
/

CREATE OR REPLACE TRIGGER "QIANZHI_REGISTRY_PART_R" AFTER INSERT OR UPDATE OR DELETE ON "PART" FOR EACH ROW
DECLARE
  t NUMBER(19) := FLOOR((CAST(SYSDATE AS DATE) - DATE '1970-01-01') * 86400) * 1000000;
BEGIN
  IF NVL(SYS_CONTEXT('USERENV', 'CLIENT_IDENTIFIER'), '-') = 'qianzhi_writer' THEN RETURN; END IF;
  IF INSERTING THEN
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'part', 'i', CASE WHEN :NEW."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:NEW."ID"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSIF DELETING THEN
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'part', 'd', CASE WHEN :OLD."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:OLD."ID"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSIF TO_CHAR(:OLD."ID") <> TO_CHAR(:NEW."ID") THEN
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'part', 'd', CASE WHEN :OLD."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:OLD."ID"), '~', '~0'), '|', '~1') || '|' END, NULL);
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'part', 'i', CASE WHEN :NEW."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:NEW."ID"), '~', '~0'), '|', '~1') || '|' END, NULL);
  ELSE
    INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op, k, o) VALUES (t, 'part', 'u', CASE WHEN :NEW."ID" IS NULL THEN 'n|' ELSE 'v' || REPLACE(REPLACE(TO_CHAR(:NEW."ID"), '~', '~0'), '|', '~1') || '|' END, NULL);
  END IF;
END;
/

INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op) VALUES (FLOOR((CAST(SYSDATE AS DATE) - DATE '1970-01-01') * 86400) * 1000000, 'tax.firm', 'x');
INSERT INTO "QIANZHI_REGISTRY_JOURNAL" (tx, tbl, op) VALUES (FLOOR((CAST(SYSDATE AS DATE) - DATE '1970-01-01') * 86400) * 1000000, 'part', 'x');
==== journal: grants
-- An account that can log in and read the listed tables; nothing else.
-- CREATE USER "READER" IDENTIFIED BY ...; GRANT CREATE SESSION TO "READER";
GRANT SELECT ON "TAX"."FIRM" TO "READER";
GRANT SELECT ON "PART" TO "READER";
-- And what is needed to read the journal and to remove what was read.
GRANT SELECT, DELETE ON "QIANZHI_REGISTRY_JOURNAL" TO "READER";
GRANT SELECT, UPDATE ON "QIANZHI_REGISTRY_FORGOTTEN" TO "READER";
-- To see which transactions are still open; without it nothing can be read safely.
GRANT SELECT ON v_$transaction TO "READER";
==== journal: uninstall
-- Qianzhi, Oracle through ODBC: removes the capture of source registry; the tables themselves stay.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- First stop the agent.
DROP TRIGGER "QIANZHI_REGISTRY_17037806A042C43B_R";
DROP TRIGGER "QIANZHI_REGISTRY_PART_R";
DROP TABLE "QIANZHI_REGISTRY_JOURNAL";
DROP TABLE "QIANZHI_REGISTRY_FORGOTTEN";
-- The account, as the grants script made it.
-- DROP USER "READER";
==== journal: leftovers
SELECT 'table ' || table_name FROM user_tables
WHERE table_name IN ('QIANZHI_REGISTRY_JOURNAL', 'QIANZHI_REGISTRY_FORGOTTEN', 'QIANZHI_REGISTRY_MARKS')
UNION ALL SELECT 'trigger ' || trigger_name FROM user_triggers WHERE trigger_name IN ('QIANZHI_REGISTRY_17037806A042C43B_R', 'QIANZHI_REGISTRY_17037806A042C43B_F', 'QIANZHI_REGISTRY_17037806A042C43B_W', 'QIANZHI_REGISTRY_PART_R', 'QIANZHI_REGISTRY_PART_F', 'QIANZHI_REGISTRY_PART_W')
UNION ALL SELECT 'role ' || username FROM all_users WHERE username IN ('READER');
==== fence
SELECT TO_CHAR(FLOOR((CAST(LEAST(SYSDATE, NVL(MIN(start_date), SYSDATE)) AS DATE) - DATE '1970-01-01') * 86400) * 1000000) FROM v$transaction
==== target: install
-- Qianzhi, Oracle through ODBC: received tables of target inbox.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.
CREATE TABLE "QIANZHI_MARK" (
  subscription VARCHAR2(200 CHAR) NOT NULL,
  origin VARCHAR2(100 CHAR) NOT NULL,
  epoch NUMBER(19) NOT NULL,
  sequence_number NUMBER(19) NOT NULL,
  digest VARCHAR2(64 CHAR) NOT NULL,
  state_hex CLOB,
  PRIMARY KEY (subscription, origin)
);

CREATE TABLE "RECEIVED" (
  "ID" VARCHAR2(18 CHAR) NOT NULL,  -- 编号
  "NAME" CLOB,
  "CAPITAL" NUMBER(18, 2),
  "SINCE" DATE,
  "CHANGED" TIMESTAMP(6),
  "OPEN" NUMBER(1),
  "COUNT" NUMBER(19),
  "SEAL" BLOB,
  qz_origin VARCHAR2(100 CHAR) NOT NULL,  -- agent that sent the row
  qz_group VARCHAR2(200 CHAR) NOT NULL,  -- partition value it was granted under
  qz_seen VARCHAR2(100 CHAR) NOT NULL,  -- refill that last touched it
  qz_deleted NUMBER(19) NOT NULL,
  PRIMARY KEY ("ID")
);
CREATE INDEX "qz_RECEIVED_group" ON "RECEIVED" (qz_origin, qz_group);

CREATE TABLE "CHANGES" (
  "ID" VARCHAR2(18 CHAR) NOT NULL,  -- 编号
  "NAME" CLOB,
  "CAPITAL" NUMBER(18, 2),
  "SINCE" DATE,
  "CHANGED" TIMESTAMP(6),
  "OPEN" NUMBER(1),
  "COUNT" NUMBER(19),
  "SEAL" BLOB,
  qz_origin VARCHAR2(100 CHAR) NOT NULL,  -- agent that sent the row
  qz_group VARCHAR2(200 CHAR) NOT NULL,  -- partition value it was granted under
  qz_seen VARCHAR2(100 CHAR) NOT NULL,  -- refill that last touched it
  PRIMARY KEY ("ID")
);
CREATE INDEX "qz_CHANGES_group" ON "CHANGES" (qz_origin, qz_group);
CREATE TABLE "CHANGES_HISTORY" (
  "ID" VARCHAR2(18 CHAR) NOT NULL,  -- 编号
  "NAME" CLOB,
  "CAPITAL" NUMBER(18, 2),
  "SINCE" DATE,
  "CHANGED" TIMESTAMP(6),
  "OPEN" NUMBER(1),
  "COUNT" NUMBER(19),
  "SEAL" BLOB,
  qz_origin VARCHAR2(100 CHAR) NOT NULL,
  qz_group VARCHAR2(200 CHAR) NOT NULL,
  qz_operation VARCHAR2(10 CHAR) NOT NULL,  -- upsert, delete
  qz_epoch NUMBER(19) NOT NULL,
  qz_sequence NUMBER(19) NOT NULL,
  qz_ordinal NUMBER(19) NOT NULL,
  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)
);
==== target: grants
-- An account that can log in and change the received tables; nothing else.
-- CREATE USER "READER" IDENTIFIED BY ...; GRANT CREATE SESSION TO "READER";
GRANT SELECT, INSERT, UPDATE ON "QIANZHI_MARK" TO "READER";
GRANT SELECT, INSERT, UPDATE, DELETE ON "RECEIVED" TO "READER";
GRANT SELECT, INSERT, UPDATE, DELETE ON "CHANGES" TO "READER";
GRANT SELECT, INSERT ON "CHANGES_HISTORY" TO "READER";
==== target: uninstall
-- Qianzhi, Oracle through ODBC: removes the received rows of target inbox.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- qianzhi_mark is shared with other targets of this database and stays.
DROP TABLE "RECEIVED";
DROP TABLE "CHANGES";
DROP TABLE "CHANGES_HISTORY";
-- The account, as the grants script made it.
-- DROP USER "READER";
==== target: leftovers
SELECT 'table ' || table_name FROM user_tables
WHERE table_name IN ('RECEIVED', 'CHANGES', 'CHANGES_HISTORY')
UNION ALL SELECT 'trigger ' || trigger_name FROM user_triggers WHERE trigger_name IN ('')
UNION ALL SELECT 'role ' || username FROM all_users WHERE username IN ('READER');
==== first page
SELECT q."T", TO_CHAR(q."I", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."N", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."R", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."D", 'YYYY-MM-DD'), TO_CHAR(CAST(q."S" AS TIMESTAMP(9)), 'YYYY-MM-DD"T"HH24:MI:SS.FF9'), TO_CHAR(SYS_EXTRACT_UTC(q."Z"), 'YYYY-MM-DD"T"HH24:MI:SS.FF9') || 'Z', TO_CHAR(q."B"), RAWTOHEX(q."O"), TO_CHAR(q."X") FROM "FIRM" q ORDER BY q."T", q."I" FETCH FIRST 500 ROWS ONLY
==== next page
SELECT q."T", TO_CHAR(q."I", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."N", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."R", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."D", 'YYYY-MM-DD'), TO_CHAR(CAST(q."S" AS TIMESTAMP(9)), 'YYYY-MM-DD"T"HH24:MI:SS.FF9'), TO_CHAR(SYS_EXTRACT_UTC(q."Z"), 'YYYY-MM-DD"T"HH24:MI:SS.FF9') || 'Z', TO_CHAR(q."B"), RAWTOHEX(q."O"), TO_CHAR(q."X") FROM "FIRM" q WHERE q."T" >= ? AND ((q."T" > ?) OR (q."T" = ? AND q."I" > TO_NUMBER(?))) ORDER BY q."T", q."I" FETCH FIRST 500 ROWS ONLY
