==== compared: install
-- Qianzhi, MariaDB through ODBC: source registry is compared: nothing has to be installed.
==== compared: grants
-- An account that can log in and read the listed tables; nothing else.
CREATE USER IF NOT EXISTS `reader`;
GRANT SELECT ON `tax`.`firm` TO `reader`;
GRANT SELECT ON `part` TO `reader`;
==== compared: uninstall
-- Qianzhi, MariaDB through ODBC: source registry: nothing was installed.
-- First stop the agent.
-- The account, as the grants script made it.
DROP USER IF EXISTS `reader`;
==== compared: leftovers
SELECT CONCAT('table ', table_name) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks')
UNION ALL SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_name IN ('qianzhi_registry_17037806a042c43b_i', 'qianzhi_registry_17037806a042c43b_u', 'qianzhi_registry_17037806a042c43b_d', 'qianzhi_registry_17037806a042c43b_m', 'qianzhi_registry_17037806a042c43b_n', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_i', 'qianzhi_registry_part_u', 'qianzhi_registry_part_d', 'qianzhi_registry_part_m', 'qianzhi_registry_part_n', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT CONCAT('column ', table_name, '.', column_name) FROM information_schema.columns
WHERE table_name IN ('firm', 'part') AND column_name LIKE 'qianzhi\_%'
UNION ALL SELECT DISTINCT CONCAT('role ', grantee) FROM information_schema.user_privileges
WHERE grantee = CONCAT(QUOTE('reader'), '@', QUOTE('%'));
==== journal: install
-- Qianzhi, MariaDB through ODBC: capture of source registry by triggers.
-- Run as the owner of the tables. What: one journal table, and triggers that write the key of each
-- changed row and what partition and filter columns held before. Locks: each table for a moment.
-- Running it again is safe; the tables are then sent anew, because changes may have been missed.
-- The tables of the journal are made where the script is run: in the schema that the agent's
-- account finds without naming it.

CREATE TABLE IF NOT EXISTS `qianzhi_registry_journal` (
  seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  tx BIGINT NOT NULL,  -- the server's clock, microseconds: says when an entry may be read
  tbl VARCHAR(200) NOT NULL,
  op CHAR(1) NOT NULL,  -- i, u, d; x: capture was installed here
  k LONGTEXT,
  o LONGTEXT,
  salt DOUBLE NOT NULL,  -- tells it from another with its number after a restore
  KEY (tx)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- Up to where the agent has read and removed it.
CREATE TABLE IF NOT EXISTS `qianzhi_registry_forgotten` (
  id INT PRIMARY KEY, lower_tx BIGINT NOT NULL, upper_tx BIGINT NOT NULL, seq BIGINT NOT NULL,
  identity_text VARCHAR(200) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
INSERT IGNORE INTO `qianzhi_registry_forgotten` VALUES (1, 0, 0, 0, CONCAT('0:0:', MD5(CONCAT(UUID(), RAND()))));

DELIMITER //
CREATE OR REPLACE TRIGGER `qianzhi_registry_17037806a042c43b_i` AFTER INSERT ON `tax`.`firm` FOR EACH ROW
BEGIN
  IF @qianzhi_writer IS NULL THEN
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'tax.firm', 'i', CONCAT(CASE WHEN NEW.`area` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(NEW.`area` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, CASE WHEN NEW.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(NEW.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END), NULL, RAND());
  END IF;
END//
DELIMITER ;
DELIMITER //
CREATE OR REPLACE TRIGGER `qianzhi_registry_17037806a042c43b_u` AFTER UPDATE ON `tax`.`firm` FOR EACH ROW
BEGIN
  IF @qianzhi_writer IS NULL AND (NOT (BINARY OLD.`area` <=> BINARY NEW.`area`) OR NOT (BINARY OLD.`id` <=> BINARY NEW.`id`)) THEN
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'tax.firm', 'd', CONCAT(CASE WHEN OLD.`area` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(OLD.`area` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, CASE WHEN OLD.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(OLD.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END), CASE WHEN OLD.`area` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(OLD.`area` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, RAND());
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'tax.firm', 'i', CONCAT(CASE WHEN NEW.`area` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(NEW.`area` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, CASE WHEN NEW.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(NEW.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END), NULL, RAND());
  ELSEIF @qianzhi_writer IS NULL THEN
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'tax.firm', 'u', CONCAT(CASE WHEN NEW.`area` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(NEW.`area` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, CASE WHEN NEW.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(NEW.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END), CASE WHEN OLD.`area` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(OLD.`area` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, RAND());
  END IF;
END//
DELIMITER ;
DELIMITER //
CREATE OR REPLACE TRIGGER `qianzhi_registry_17037806a042c43b_d` AFTER DELETE ON `tax`.`firm` FOR EACH ROW
BEGIN
  IF @qianzhi_writer IS NULL THEN
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'tax.firm', 'd', CONCAT(CASE WHEN OLD.`area` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(OLD.`area` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, CASE WHEN OLD.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(OLD.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END), CASE WHEN OLD.`area` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(OLD.`area` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, RAND());
  END IF;
END//
DELIMITER ;

DELIMITER //
CREATE OR REPLACE TRIGGER `qianzhi_registry_part_i` AFTER INSERT ON `part` FOR EACH ROW
BEGIN
  IF @qianzhi_writer IS NULL THEN
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'part', 'i', CASE WHEN NEW.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(NEW.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, NULL, RAND());
  END IF;
END//
DELIMITER ;
DELIMITER //
CREATE OR REPLACE TRIGGER `qianzhi_registry_part_u` AFTER UPDATE ON `part` FOR EACH ROW
BEGIN
  IF @qianzhi_writer IS NULL AND (NOT (BINARY OLD.`id` <=> BINARY NEW.`id`)) THEN
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'part', 'd', CASE WHEN OLD.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(OLD.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, NULL, RAND());
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'part', 'i', CASE WHEN NEW.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(NEW.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, NULL, RAND());
  ELSEIF @qianzhi_writer IS NULL THEN
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'part', 'u', CASE WHEN NEW.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(NEW.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, NULL, RAND());
  END IF;
END//
DELIMITER ;
DELIMITER //
CREATE OR REPLACE TRIGGER `qianzhi_registry_part_d` AFTER DELETE ON `part` FOR EACH ROW
BEGIN
  IF @qianzhi_writer IS NULL THEN
    INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'part', 'd', CASE WHEN OLD.`id` IS NULL THEN 'n|' ELSE CONCAT('v', REPLACE(REPLACE(CONVERT(OLD.`id` USING utf8mb4), '~', '~0'), '|', '~1'), '|') END, NULL, RAND());
  END IF;
END//
DELIMITER ;

INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, salt) VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'tax.firm', 'x', RAND());
INSERT INTO `qianzhi_registry_journal` (tx, tbl, op, salt) VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), 'part', 'x', RAND());
==== journal: grants
-- An account that can log in and read the listed tables; nothing else.
CREATE USER IF NOT EXISTS `reader`;
GRANT SELECT ON `tax`.`firm` TO `reader`;
GRANT SELECT ON `part` TO `reader`;
-- And what is needed to read the journal and to remove what was read.
GRANT SELECT, DELETE ON `qianzhi_registry_journal` TO `reader`;
GRANT SELECT, UPDATE ON `qianzhi_registry_forgotten` TO `reader`;
-- To see which transactions are still open; without it nothing can be read safely.
GRANT PROCESS ON *.* TO `reader`;
-- To see that the triggers are there.
GRANT TRIGGER ON `tax`.`firm` TO `reader`;
-- To see that the triggers are there.
GRANT TRIGGER ON `part` TO `reader`;
==== journal: uninstall
-- Qianzhi, MariaDB through ODBC: removes the capture of source registry; the tables themselves stay.
-- First stop the agent.
DROP TRIGGER IF EXISTS `qianzhi_registry_17037806a042c43b_i`;
DROP TRIGGER IF EXISTS `qianzhi_registry_17037806a042c43b_u`;
DROP TRIGGER IF EXISTS `qianzhi_registry_17037806a042c43b_d`;
DROP TRIGGER IF EXISTS `qianzhi_registry_part_i`;
DROP TRIGGER IF EXISTS `qianzhi_registry_part_u`;
DROP TRIGGER IF EXISTS `qianzhi_registry_part_d`;
DROP TABLE IF EXISTS `qianzhi_registry_journal`;
DROP TABLE IF EXISTS `qianzhi_registry_forgotten`;
-- The account, as the grants script made it.
DROP USER IF EXISTS `reader`;
==== journal: leftovers
SELECT CONCAT('table ', table_name) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks')
UNION ALL SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_name IN ('qianzhi_registry_17037806a042c43b_i', 'qianzhi_registry_17037806a042c43b_u', 'qianzhi_registry_17037806a042c43b_d', 'qianzhi_registry_17037806a042c43b_m', 'qianzhi_registry_17037806a042c43b_n', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_i', 'qianzhi_registry_part_u', 'qianzhi_registry_part_d', 'qianzhi_registry_part_m', 'qianzhi_registry_part_n', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT CONCAT('column ', table_name, '.', column_name) FROM information_schema.columns
WHERE table_name IN ('firm', 'part') AND column_name LIKE 'qianzhi\_%'
UNION ALL SELECT DISTINCT CONCAT('role ', grantee) FROM information_schema.user_privileges
WHERE grantee = CONCAT(QUOTE('reader'), '@', QUOTE('%'));
==== fence
SELECT CAST(FLOOR(1000000 * LEAST(UNIX_TIMESTAMP(NOW(6)), COALESCE(
MIN(CASE WHEN t.trx_query LIKE '%{s}%' THEN NULL ELSE UNIX_TIMESTAMP(t.trx_started) END)
- 900 * ROUND((MAX(CASE WHEN t.trx_query LIKE '%{s}%' THEN UNIX_TIMESTAMP(t.trx_started) END)
- UNIX_TIMESTAMP(NOW(6))) / 900), UNIX_TIMESTAMP(NOW(6))))) AS CHAR)
FROM information_schema.INNODB_TRX t HAVING SUM(CASE WHEN t.trx_query LIKE '%{s}%' THEN 1 ELSE 0 END) > 0
==== watermark: install
-- Qianzhi, MariaDB through ODBC: capture of source registry by a watermark.
-- It sees no deletes, no TRUNCATE and no row whose watermark was not set; a comparison (reconcile)
-- finds those. Run as the owner of the tables. What: a column whose value grows with each insert and
-- update, and what keeps it. Locks: each table for a moment.

ALTER TABLE `tax`.`firm` ADD COLUMN IF NOT EXISTS `qianzhi_mark` bigint unsigned INVISIBLE NULL;
ALTER TABLE `tax`.`firm` ADD INDEX IF NOT EXISTS `qianzhi_registry_17037806a042c43b_k` (`qianzhi_mark`, `area`, `id`), ALGORITHM=INPLACE, LOCK=NONE;
CREATE OR REPLACE TRIGGER `qianzhi_registry_17037806a042c43b_m` BEFORE INSERT ON `tax`.`firm` FOR EACH ROW SET NEW.`qianzhi_mark` = UUID_SHORT();
CREATE OR REPLACE TRIGGER `qianzhi_registry_17037806a042c43b_n` BEFORE UPDATE ON `tax`.`firm` FOR EACH ROW SET NEW.`qianzhi_mark` = UUID_SHORT();

ALTER TABLE `part` ADD COLUMN IF NOT EXISTS `qianzhi_mark` bigint unsigned INVISIBLE NULL;
ALTER TABLE `part` ADD INDEX IF NOT EXISTS `qianzhi_registry_part_k` (`qianzhi_mark`, `id`), ALGORITHM=INPLACE, LOCK=NONE;
CREATE OR REPLACE TRIGGER `qianzhi_registry_part_m` BEFORE INSERT ON `part` FOR EACH ROW SET NEW.`qianzhi_mark` = UUID_SHORT();
CREATE OR REPLACE TRIGGER `qianzhi_registry_part_n` BEFORE UPDATE ON `part` FOR EACH ROW SET NEW.`qianzhi_mark` = UUID_SHORT();

==== watermark: grants
-- An account that can log in and read the listed tables; nothing else.
CREATE USER IF NOT EXISTS `reader`;
GRANT SELECT ON `tax`.`firm` TO `reader`;
GRANT SELECT ON `part` TO `reader`;
-- To see which statements and transactions are open; without it nothing can be read safely.
GRANT PROCESS ON *.* TO `reader`;
-- To see that the triggers are there.
GRANT TRIGGER ON `tax`.`firm` TO `reader`;
-- To see that the triggers are there.
GRANT TRIGGER ON `part` TO `reader`;
==== watermark: uninstall
-- Qianzhi, MariaDB through ODBC: removes the watermarks of source registry; the tables themselves stay.
-- First stop the agent.
DROP TRIGGER IF EXISTS `qianzhi_registry_17037806a042c43b_m`;
DROP TRIGGER IF EXISTS `qianzhi_registry_17037806a042c43b_n`;
ALTER TABLE `tax`.`firm` DROP INDEX IF EXISTS `qianzhi_registry_17037806a042c43b_k`;
ALTER TABLE `tax`.`firm` DROP COLUMN IF EXISTS `qianzhi_mark`;
DROP TRIGGER IF EXISTS `qianzhi_registry_part_m`;
DROP TRIGGER IF EXISTS `qianzhi_registry_part_n`;
ALTER TABLE `part` DROP INDEX IF EXISTS `qianzhi_registry_part_k`;
ALTER TABLE `part` DROP COLUMN IF EXISTS `qianzhi_mark`;
-- The account, as the grants script made it.
DROP USER IF EXISTS `reader`;
==== watermark: leftovers
SELECT CONCAT('table ', table_name) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks')
UNION ALL SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_name IN ('qianzhi_registry_17037806a042c43b_i', 'qianzhi_registry_17037806a042c43b_u', 'qianzhi_registry_17037806a042c43b_d', 'qianzhi_registry_17037806a042c43b_m', 'qianzhi_registry_17037806a042c43b_n', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_i', 'qianzhi_registry_part_u', 'qianzhi_registry_part_d', 'qianzhi_registry_part_m', 'qianzhi_registry_part_n', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT CONCAT('column ', table_name, '.', column_name) FROM information_schema.columns
WHERE table_name IN ('firm', 'part') AND column_name LIKE 'qianzhi\_%'
UNION ALL SELECT DISTINCT CONCAT('role ', grantee) FROM information_schema.user_privileges
WHERE grantee = CONCAT(QUOTE('reader'), '@', QUOTE('%'));
==== watermark: asked
SELECT CAST(UUID_SHORT() AS CHAR)
==== watermark: asked
SELECT CAST(id AS CHAR), CAST(FLOOR(time_ms * 1000) AS CHAR),
CASE WHEN command LIKE 'Slave%' THEN '1' ELSE '0' END FROM information_schema.processlist
WHERE id <> CONNECTION_ID() AND command NOT IN ('Sleep', 'Daemon', 'Binlog Dump')
==== watermark: asked
SELECT CAST(CASE WHEN trx_id < 281474976710656 THEN trx_id ELSE 0 END AS CHAR),
CAST(trx_mysql_thread_id AS CHAR),
CASE WHEN trx_mysql_thread_id = CONNECTION_ID() AND trx_query LIKE '%{s}%' THEN '1' ELSE '0' END
FROM information_schema.innodb_trx
==== watermark: asked
SELECT CONCAT(@@hostname, ':', @@port, ':', @@server_id)
==== watermark: asked
SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'INNODB_LSN_CURRENT'
==== target: install
-- Qianzhi, MariaDB through ODBC: received tables of target inbox.
-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.
CREATE TABLE IF NOT EXISTS `qianzhi_mark` (
  subscription VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  origin VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  epoch BIGINT NOT NULL,
  sequence_number BIGINT NOT NULL,
  digest VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  state_hex LONGTEXT CHARACTER SET utf8mb4,
  PRIMARY KEY (subscription, origin)
);

CREATE TABLE IF NOT EXISTS `received` (
  `id` VARCHAR(18) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- 编号
  `name` LONGTEXT CHARACTER SET utf8mb4,
  `capital` DECIMAL(18, 2),
  `since` DATE,
  `changed` DATETIME(6),
  `open` BOOLEAN,
  `count` BIGINT,
  `seal` LONGBLOB,
  qz_origin VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- agent that sent the row
  qz_group VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- partition value it was granted under
  qz_seen VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- refill that last touched it
  qz_deleted BIGINT NOT NULL,
  PRIMARY KEY (`id`)
);
CREATE INDEX IF NOT EXISTS `qz_received_group` ON `received` (qz_origin, qz_group);

CREATE TABLE IF NOT EXISTS `changes` (
  `id` VARCHAR(18) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- 编号
  `name` LONGTEXT CHARACTER SET utf8mb4,
  `capital` DECIMAL(18, 2),
  `since` DATE,
  `changed` DATETIME(6),
  `open` BOOLEAN,
  `count` BIGINT,
  `seal` LONGBLOB,
  qz_origin VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- agent that sent the row
  qz_group VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- partition value it was granted under
  qz_seen VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- refill that last touched it
  PRIMARY KEY (`id`)
);
CREATE INDEX IF NOT EXISTS `qz_changes_group` ON `changes` (qz_origin, qz_group);
CREATE TABLE IF NOT EXISTS `changes_history` (
  `id` VARCHAR(18) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- 编号
  `name` LONGTEXT CHARACTER SET utf8mb4,
  `capital` DECIMAL(18, 2),
  `since` DATE,
  `changed` DATETIME(6),
  `open` BOOLEAN,
  `count` BIGINT,
  `seal` LONGBLOB,
  qz_origin VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  qz_group VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  qz_operation VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,  -- upsert, delete
  qz_epoch BIGINT NOT NULL,
  qz_sequence BIGINT NOT NULL,
  qz_ordinal BIGINT NOT NULL,
  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)
);
==== target: grants
-- An account that can log in and change the received tables; nothing else.
CREATE USER IF NOT EXISTS `reader`;
GRANT SELECT, INSERT, UPDATE ON `qianzhi_mark` TO `reader`;
GRANT SELECT, INSERT, UPDATE, DELETE ON `received` TO `reader`;
GRANT SELECT, INSERT, UPDATE, DELETE ON `changes` TO `reader`;
GRANT SELECT, INSERT ON `changes_history` TO `reader`;
==== target: uninstall
-- Qianzhi, MariaDB through ODBC: removes the received rows of target inbox.
-- qianzhi_mark is shared with other targets of this database and stays.
DROP TABLE `received`;
DROP TABLE `changes`;
DROP TABLE `changes_history`;
-- The account, as the grants script made it.
DROP USER IF EXISTS `reader`;
==== target: leftovers
SELECT CONCAT('table ', table_name) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name IN ('received', 'changes', 'changes_history')
UNION ALL SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_name IN ('')
UNION ALL SELECT CONCAT('column ', table_name, '.', column_name) FROM information_schema.columns
WHERE table_name IN ('') AND column_name LIKE 'qianzhi\_%'
UNION ALL SELECT DISTINCT CONCAT('role ', grantee) FROM information_schema.user_privileges
WHERE grantee = CONCAT(QUOTE('reader'), '@', QUOTE('%'));
==== first page
SELECT q.`t`, CAST(q.`i` AS CHAR), CAST(q.`n` AS CHAR), CAST(q.`r` AS CHAR), CAST(q.`d` AS CHAR), CAST(q.`s` AS CHAR), CAST(q.`z` AS CHAR), CASE q.`b` WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CAST(q.`b` AS CHAR) END, HEX(q.`o`), CAST(q.`x` AS CHAR) FROM `firm` q ORDER BY q.`t`, q.`i` LIMIT 500
==== next page
SELECT q.`t`, CAST(q.`i` AS CHAR), CAST(q.`n` AS CHAR), CAST(q.`r` AS CHAR), CAST(q.`d` AS CHAR), CAST(q.`s` AS CHAR), CAST(q.`z` AS CHAR), CASE q.`b` WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CAST(q.`b` AS CHAR) END, HEX(q.`o`), CAST(q.`x` AS CHAR) FROM `firm` q WHERE q.`t` >= ? AND ((q.`t` > ?) OR (q.`t` = ? AND q.`i` > CAST(? AS DECIMAL(65,0)))) ORDER BY q.`t`, q.`i` LIMIT 500
