==== compared: install
-- Qianzhi, Db2 through ODBC: source registry is compared: nothing has to be installed.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
==== compared: grants
-- An account that can log in and read the listed tables; nothing else.
-- "READER" is an account of the operating system or the directory service.
GRANT SELECT ON "TAX"."FIRM" TO "READER";
GRANT SELECT ON "PART" TO "READER";
==== compared: uninstall
-- Qianzhi, Db2 through ODBC: source registry: nothing was installed.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- First stop the agent.
==== compared: leftovers
SELECT 'table ' || tabname FROM syscat.tables WHERE tabschema = CURRENT SCHEMA AND tabname IN ('QIANZHI_REGISTRY_JOURNAL', 'QIANZHI_REGISTRY_FORGOTTEN', 'QIANZHI_REGISTRY_MARKS');
==== target: install
-- Qianzhi, Db2 through ODBC: received tables of target inbox.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.
CREATE TABLE "QIANZHI_MARK" (
  subscription VARCHAR(200 CODEUNITS32) NOT NULL,
  origin VARCHAR(100 CODEUNITS32) NOT NULL,
  epoch BIGINT NOT NULL,
  sequence_number BIGINT NOT NULL,
  digest VARCHAR(64 CODEUNITS32) NOT NULL,
  state_hex CLOB,
  PRIMARY KEY (subscription, origin)
);

CREATE TABLE "RECEIVED" (
  "ID" VARCHAR(18 CODEUNITS32) NOT NULL,  -- 编号
  "NAME" CLOB,
  "CAPITAL" DECIMAL(18, 2),
  "SINCE" DATE,
  "CHANGED" TIMESTAMP(6),
  "OPEN" BOOLEAN,
  "COUNT" BIGINT,
  "SEAL" BLOB,
  qz_origin VARCHAR(100 CODEUNITS32) NOT NULL,  -- agent that sent the row
  qz_group VARCHAR(200 CODEUNITS32) NOT NULL,  -- partition value it was granted under
  qz_seen VARCHAR(100 CODEUNITS32) NOT NULL,  -- refill that last touched it
  qz_deleted BIGINT NOT NULL,
  PRIMARY KEY ("ID")
);
CREATE INDEX "qz_RECEIVED_group" ON "RECEIVED" (qz_origin, qz_group);

CREATE TABLE "CHANGES" (
  "ID" VARCHAR(18 CODEUNITS32) NOT NULL,  -- 编号
  "NAME" CLOB,
  "CAPITAL" DECIMAL(18, 2),
  "SINCE" DATE,
  "CHANGED" TIMESTAMP(6),
  "OPEN" BOOLEAN,
  "COUNT" BIGINT,
  "SEAL" BLOB,
  qz_origin VARCHAR(100 CODEUNITS32) NOT NULL,  -- agent that sent the row
  qz_group VARCHAR(200 CODEUNITS32) NOT NULL,  -- partition value it was granted under
  qz_seen VARCHAR(100 CODEUNITS32) NOT NULL,  -- refill that last touched it
  PRIMARY KEY ("ID")
);
CREATE INDEX "qz_CHANGES_group" ON "CHANGES" (qz_origin, qz_group);
CREATE TABLE "CHANGES_HISTORY" (
  "ID" VARCHAR(18 CODEUNITS32) NOT NULL,  -- 编号
  "NAME" CLOB,
  "CAPITAL" DECIMAL(18, 2),
  "SINCE" DATE,
  "CHANGED" TIMESTAMP(6),
  "OPEN" BOOLEAN,
  "COUNT" BIGINT,
  "SEAL" BLOB,
  qz_origin VARCHAR(100 CODEUNITS32) NOT NULL,
  qz_group VARCHAR(200 CODEUNITS32) NOT NULL,
  qz_operation VARCHAR(10 CODEUNITS32) NOT NULL,  -- upsert, delete
  qz_epoch BIGINT NOT NULL,
  qz_sequence BIGINT NOT NULL,
  qz_ordinal BIGINT NOT NULL,
  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)
);
==== target: grants
-- An account that can log in and change the received tables; nothing else.
-- "READER" is an account of the operating system or the directory service.
GRANT SELECT, INSERT, UPDATE ON "QIANZHI_MARK" TO "READER";
GRANT SELECT, INSERT, UPDATE, DELETE ON "RECEIVED" TO "READER";
GRANT SELECT, INSERT, UPDATE, DELETE ON "CHANGES" TO "READER";
GRANT SELECT, INSERT ON "CHANGES_HISTORY" TO "READER";
==== target: uninstall
-- Qianzhi, Db2 through ODBC: removes the received rows of target inbox.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- qianzhi_mark is shared with other targets of this database and stays.
DROP TABLE "RECEIVED";
DROP TABLE "CHANGES";
DROP TABLE "CHANGES_HISTORY";
==== target: leftovers
SELECT 'table ' || tabname FROM syscat.tables WHERE tabschema = CURRENT SCHEMA AND tabname IN ('RECEIVED', 'CHANGES', 'CHANGES_HISTORY');
==== first page
SELECT q."T", VARCHAR(q."I"), VARCHAR(q."N"), VARCHAR(q."R"), CHAR(q."D", ISO), VARCHAR_FORMAT(q."S", 'YYYY-MM-DD HH24:MI:SS.FF12'), VARCHAR(q."Z"), CASE q."B" WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END, HEX(q."O"), VARCHAR(q."X") FROM "FIRM" q ORDER BY q."T", q."I" FETCH FIRST 500 ROWS ONLY
==== next page
SELECT q."T", VARCHAR(q."I"), VARCHAR(q."N"), VARCHAR(q."R"), CHAR(q."D", ISO), VARCHAR_FORMAT(q."S", 'YYYY-MM-DD HH24:MI:SS.FF12'), VARCHAR(q."Z"), CASE q."B" WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END, HEX(q."O"), VARCHAR(q."X") FROM "FIRM" q WHERE q."T" >= CAST(? AS VARCHAR(4000)) AND ((q."T" > CAST(? AS VARCHAR(4000))) OR (q."T" = CAST(? AS VARCHAR(4000)) AND q."I" > CAST(? AS BIGINT))) ORDER BY q."T", q."I" FETCH FIRST 500 ROWS ONLY
