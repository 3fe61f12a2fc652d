==== compared: install
-- Qianzhi, DM (达梦) through ODBC: source registry is compared: nothing has to be installed.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
==== compared: grants
-- An account that can log in and read the listed tables; nothing else.
-- CREATE USER "READER" IDENTIFIED BY ...; GRANT CREATE SESSION TO "READER";
GRANT SELECT ON "TAX"."FIRM" TO "READER";
GRANT SELECT ON "PART" TO "READER";
==== compared: uninstall
-- Qianzhi, DM (达梦) through ODBC: source registry: nothing was installed.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- First stop the agent.
-- The account, as the grants script made it.
-- DROP USER "READER";
==== compared: leftovers
SELECT 'table ' || table_name FROM user_tables
WHERE table_name IN ('QIANZHI_REGISTRY_JOURNAL', 'QIANZHI_REGISTRY_FORGOTTEN', 'QIANZHI_REGISTRY_MARKS')
UNION ALL SELECT 'trigger ' || trigger_name FROM user_triggers WHERE trigger_name IN ('QIANZHI_REGISTRY_17037806A042C43B_F', 'QIANZHI_REGISTRY_17037806A042C43B_W', 'QIANZHI_REGISTRY_PART_F', 'QIANZHI_REGISTRY_PART_W')
UNION ALL SELECT 'role ' || username FROM all_users WHERE username IN ('READER');
==== target: install
-- Qianzhi, DM (达梦) through ODBC: received tables of target inbox.
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
-- Qianzhi, DM (达梦) through ODBC: removes the received rows of target inbox.
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
SELECT q."T", TO_CHAR(q."I", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."N", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."R", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."D", 'YYYY-MM-DD'), TO_CHAR(CAST(q."S" AS TIMESTAMP(9)), 'YYYY-MM-DD"T"HH24:MI:SS.FF9'), TO_CHAR(SYS_EXTRACT_UTC(q."Z"), 'YYYY-MM-DD"T"HH24:MI:SS.FF9') || 'Z', TO_CHAR(q."B"), RAWTOHEX(q."O"), TO_CHAR(q."X") FROM "FIRM" q ORDER BY q."T", q."I" LIMIT 500
==== next page
SELECT q."T", TO_CHAR(q."I", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."N", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."R", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), TO_CHAR(q."D", 'YYYY-MM-DD'), TO_CHAR(CAST(q."S" AS TIMESTAMP(9)), 'YYYY-MM-DD"T"HH24:MI:SS.FF9'), TO_CHAR(SYS_EXTRACT_UTC(q."Z"), 'YYYY-MM-DD"T"HH24:MI:SS.FF9') || 'Z', TO_CHAR(q."B"), RAWTOHEX(q."O"), TO_CHAR(q."X") FROM "FIRM" q WHERE q."T" >= ? AND ((q."T" > ?) OR (q."T" = ? AND q."I" > TO_NUMBER(?))) ORDER BY q."T", q."I" LIMIT 500
