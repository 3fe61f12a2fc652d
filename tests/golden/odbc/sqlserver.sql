==== compared: install
-- Qianzhi, SQL Server through ODBC: source registry is compared: nothing has to be installed.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
==== compared: grants
-- An account that can log in and read the listed tables; nothing else.
-- A login of its own, mapped to the user [reader] of this database, without any role.
GRANT SELECT ON [tax].[firm] TO [reader];
GRANT SELECT ON [part] TO [reader];
==== compared: uninstall
-- Qianzhi, SQL Server through ODBC: source registry: nothing was installed.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- First stop the agent.
-- The account, as the grants script made it.
DROP USER IF EXISTS [reader];
==== compared: leftovers
SELECT 'table ' + name FROM sys.tables WHERE name IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks')
UNION ALL SELECT 'trigger ' + name FROM sys.triggers WHERE name IN ('qianzhi_registry_17037806a042c43b_i', 'qianzhi_registry_17037806a042c43b_u', 'qianzhi_registry_17037806a042c43b_d', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_i', 'qianzhi_registry_part_u', 'qianzhi_registry_part_d', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'column ' + t.name + '.' + c.name FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id
WHERE t.name IN ('firm', 'part') AND c.name LIKE 'qianzhi[_]%'
UNION ALL SELECT 'role ' + name FROM sys.database_principals WHERE name IN ('reader');
==== journal: install
-- Qianzhi, SQL Server through ODBC: capture of source registry by triggers.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- Run as the owner of the tables. What: one journal table, and triggers that write the key of each
-- changed row and what partition and filter columns held before. Locks: each table for a moment.
-- Running it again is safe; the tables are then sent anew, because changes may have been missed.
-- The tables of the journal are made where the script is run: in the schema that the agent's
-- account finds without naming it.

IF OBJECT_ID('qianzhi_registry_journal') IS NULL CREATE TABLE [qianzhi_registry_journal] (
  seq bigint IDENTITY(1, 1) PRIMARY KEY,
  tx rowversion NOT NULL,  -- says when an entry may be read
  tbl nvarchar(200) NOT NULL,
  op nchar(1) NOT NULL,  -- i, u, d; x: capture was installed here
  k nvarchar(max),
  o nvarchar(max),
  at datetime2(6) NOT NULL DEFAULT SYSUTCDATETIME(),
  salt uniqueidentifier NOT NULL DEFAULT NEWID()  -- tells it from another with its number after a restore
);
-- Up to where the agent has read and removed it.
IF OBJECT_ID('qianzhi_registry_forgotten') IS NULL CREATE TABLE [qianzhi_registry_forgotten] (
  id int PRIMARY KEY, lower_tx bigint NOT NULL, upper_tx bigint NOT NULL, seq bigint NOT NULL,
  identity_text nvarchar(200) NOT NULL
);
GO
INSERT INTO [qianzhi_registry_forgotten] SELECT 1, 0, 0, 0, '0:0:' + CAST(NEWID() AS nvarchar(40)) WHERE NOT EXISTS (SELECT 1 FROM [qianzhi_registry_forgotten]);
GO

CREATE OR ALTER TRIGGER [qianzhi_registry_17037806a042c43b_i] ON [tax].[firm] AFTER INSERT AS
BEGIN
  SET NOCOUNT ON;
  IF SESSION_CONTEXT(N'qianzhi_writer') IS NULL
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o) SELECT 'tax.firm', 'i', CASE WHEN n.[area] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), n.[area], 121), '~', '~0'), '|', '~1') + '|' END + CASE WHEN n.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), n.[id], 121), '~', '~0'), '|', '~1') + '|' END, NULL FROM inserted n;
END;
GO
CREATE OR ALTER TRIGGER [qianzhi_registry_17037806a042c43b_u] ON [tax].[firm] AFTER UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF SESSION_CONTEXT(N'qianzhi_writer') IS NULL
  BEGIN
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o)
    SELECT 'tax.firm', 'd', CASE WHEN d.[area] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), d.[area], 121), '~', '~0'), '|', '~1') + '|' END + CASE WHEN d.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), d.[id], 121), '~', '~0'), '|', '~1') + '|' END, CASE WHEN d.[area] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), d.[area], 121), '~', '~0'), '|', '~1') + '|' END FROM deleted d WHERE NOT EXISTS (SELECT 1 FROM inserted n WHERE CAST(d.[area] AS varbinary(900)) = CAST(n.[area] AS varbinary(900)) AND CAST(d.[id] AS varbinary(900)) = CAST(n.[id] AS varbinary(900)));
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o)
    SELECT 'tax.firm', 'i', CASE WHEN n.[area] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), n.[area], 121), '~', '~0'), '|', '~1') + '|' END + CASE WHEN n.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), n.[id], 121), '~', '~0'), '|', '~1') + '|' END, NULL FROM inserted n WHERE NOT EXISTS (SELECT 1 FROM deleted d WHERE CAST(d.[area] AS varbinary(900)) = CAST(n.[area] AS varbinary(900)) AND CAST(d.[id] AS varbinary(900)) = CAST(n.[id] AS varbinary(900)));
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o)
    SELECT 'tax.firm', 'u', CASE WHEN n.[area] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), n.[area], 121), '~', '~0'), '|', '~1') + '|' END + CASE WHEN n.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), n.[id], 121), '~', '~0'), '|', '~1') + '|' END, CASE WHEN d.[area] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), d.[area], 121), '~', '~0'), '|', '~1') + '|' END FROM inserted n JOIN deleted d ON CAST(d.[area] AS varbinary(900)) = CAST(n.[area] AS varbinary(900)) AND CAST(d.[id] AS varbinary(900)) = CAST(n.[id] AS varbinary(900));
  END;
END;
GO
CREATE OR ALTER TRIGGER [qianzhi_registry_17037806a042c43b_d] ON [tax].[firm] AFTER DELETE AS
BEGIN
  SET NOCOUNT ON;
  IF SESSION_CONTEXT(N'qianzhi_writer') IS NULL
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o) SELECT 'tax.firm', 'd', CASE WHEN d.[area] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), d.[area], 121), '~', '~0'), '|', '~1') + '|' END + CASE WHEN d.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), d.[id], 121), '~', '~0'), '|', '~1') + '|' END, CASE WHEN d.[area] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), d.[area], 121), '~', '~0'), '|', '~1') + '|' END FROM deleted d;
END;
GO

CREATE OR ALTER TRIGGER [qianzhi_registry_part_i] ON [part] AFTER INSERT AS
BEGIN
  SET NOCOUNT ON;
  IF SESSION_CONTEXT(N'qianzhi_writer') IS NULL
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o) SELECT 'part', 'i', CASE WHEN n.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), n.[id], 121), '~', '~0'), '|', '~1') + '|' END, NULL FROM inserted n;
END;
GO
CREATE OR ALTER TRIGGER [qianzhi_registry_part_u] ON [part] AFTER UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF SESSION_CONTEXT(N'qianzhi_writer') IS NULL
  BEGIN
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o)
    SELECT 'part', 'd', CASE WHEN d.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), d.[id], 121), '~', '~0'), '|', '~1') + '|' END, NULL FROM deleted d WHERE NOT EXISTS (SELECT 1 FROM inserted n WHERE CAST(d.[id] AS varbinary(900)) = CAST(n.[id] AS varbinary(900)));
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o)
    SELECT 'part', 'i', CASE WHEN n.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), n.[id], 121), '~', '~0'), '|', '~1') + '|' END, NULL FROM inserted n WHERE NOT EXISTS (SELECT 1 FROM deleted d WHERE CAST(d.[id] AS varbinary(900)) = CAST(n.[id] AS varbinary(900)));
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o)
    SELECT 'part', 'u', CASE WHEN n.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), n.[id], 121), '~', '~0'), '|', '~1') + '|' END, NULL FROM inserted n JOIN deleted d ON CAST(d.[id] AS varbinary(900)) = CAST(n.[id] AS varbinary(900));
  END;
END;
GO
CREATE OR ALTER TRIGGER [qianzhi_registry_part_d] ON [part] AFTER DELETE AS
BEGIN
  SET NOCOUNT ON;
  IF SESSION_CONTEXT(N'qianzhi_writer') IS NULL
    INSERT INTO [qianzhi_registry_journal] (tbl, op, k, o) SELECT 'part', 'd', CASE WHEN d.[id] IS NULL THEN 'n|' ELSE 'v' + REPLACE(REPLACE(CONVERT(nvarchar(4000), d.[id], 121), '~', '~0'), '|', '~1') + '|' END, NULL FROM deleted d;
END;
GO

INSERT INTO [qianzhi_registry_journal] (tbl, op) VALUES ('tax.firm', 'x');
INSERT INTO [qianzhi_registry_journal] (tbl, op) VALUES ('part', 'x');
==== journal: grants
-- An account that can log in and read the listed tables; nothing else.
-- A login of its own, mapped to the user [reader] of this database, without any role.
GRANT SELECT ON [tax].[firm] TO [reader];
GRANT SELECT ON [part] TO [reader];
-- And what is needed to read the journal and to remove what was read.
GRANT SELECT, DELETE ON [qianzhi_registry_journal] TO [reader];
GRANT SELECT, UPDATE ON [qianzhi_registry_forgotten] TO [reader];
==== journal: uninstall
-- Qianzhi, SQL Server through ODBC: removes the capture of source registry; the tables themselves stay.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- First stop the agent.
DROP TRIGGER IF EXISTS [qianzhi_registry_17037806a042c43b_i], [qianzhi_registry_17037806a042c43b_u], [qianzhi_registry_17037806a042c43b_d];
DROP TRIGGER IF EXISTS [qianzhi_registry_part_i], [qianzhi_registry_part_u], [qianzhi_registry_part_d];
DROP TABLE IF EXISTS [qianzhi_registry_journal];
DROP TABLE IF EXISTS [qianzhi_registry_forgotten];
-- The account, as the grants script made it.
DROP USER IF EXISTS [reader];
==== journal: leftovers
SELECT 'table ' + name FROM sys.tables WHERE name IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks')
UNION ALL SELECT 'trigger ' + name FROM sys.triggers WHERE name IN ('qianzhi_registry_17037806a042c43b_i', 'qianzhi_registry_17037806a042c43b_u', 'qianzhi_registry_17037806a042c43b_d', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_i', 'qianzhi_registry_part_u', 'qianzhi_registry_part_d', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'column ' + t.name + '.' + c.name FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id
WHERE t.name IN ('firm', 'part') AND c.name LIKE 'qianzhi[_]%'
UNION ALL SELECT 'role ' + name FROM sys.database_principals WHERE name IN ('reader');
==== fence
SELECT CAST(MIN_ACTIVE_ROWVERSION() AS bigint)
==== watermark: install
-- Qianzhi, SQL Server through ODBC: capture of source registry by a watermark.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- It sees no deletes, no TRUNCATE and no row whose watermark was not set; a comparison (reconcile)
-- finds those. Run as the owner of the tables. What: a column whose value grows with each insert and
-- update, and what keeps it. Locks: each table for a moment.

-- The server keeps the column by itself. Adding it writes every row of the table: do it at a quiet time.
IF COL_LENGTH('[tax].[firm]', 'qianzhi_mark') IS NULL ALTER TABLE [tax].[firm] ADD [qianzhi_mark] rowversion;
GO
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'qianzhi_registry_17037806a042c43b_k') CREATE INDEX [qianzhi_registry_17037806a042c43b_k] ON [tax].[firm] ([qianzhi_mark], [area], [id]);
GO

-- The server keeps the column by itself. Adding it writes every row of the table: do it at a quiet time.
IF COL_LENGTH('[part]', 'qianzhi_mark') IS NULL ALTER TABLE [part] ADD [qianzhi_mark] rowversion;
GO
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'qianzhi_registry_part_k') CREATE INDEX [qianzhi_registry_part_k] ON [part] ([qianzhi_mark], [id]);
GO

==== watermark: grants
-- An account that can log in and read the listed tables; nothing else.
-- A login of its own, mapped to the user [reader] of this database, without any role.
GRANT SELECT ON [tax].[firm] TO [reader];
GRANT SELECT ON [part] TO [reader];
==== watermark: uninstall
-- Qianzhi, SQL Server through ODBC: removes the watermarks of source registry; the tables themselves stay.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- First stop the agent.
DROP INDEX IF EXISTS [qianzhi_registry_17037806a042c43b_k] ON [tax].[firm];
ALTER TABLE [tax].[firm] DROP COLUMN IF EXISTS [qianzhi_mark];
DROP INDEX IF EXISTS [qianzhi_registry_part_k] ON [part];
ALTER TABLE [part] DROP COLUMN IF EXISTS [qianzhi_mark];
-- The account, as the grants script made it.
DROP USER IF EXISTS [reader];
==== watermark: leftovers
SELECT 'table ' + name FROM sys.tables WHERE name IN ('qianzhi_registry_journal', 'qianzhi_registry_forgotten', 'qianzhi_registry_marks')
UNION ALL SELECT 'trigger ' + name FROM sys.triggers WHERE name IN ('qianzhi_registry_17037806a042c43b_i', 'qianzhi_registry_17037806a042c43b_u', 'qianzhi_registry_17037806a042c43b_d', 'qianzhi_registry_17037806a042c43b_f', 'qianzhi_registry_17037806a042c43b_w', 'qianzhi_registry_part_i', 'qianzhi_registry_part_u', 'qianzhi_registry_part_d', 'qianzhi_registry_part_f', 'qianzhi_registry_part_w')
UNION ALL SELECT 'column ' + t.name + '.' + c.name FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id
WHERE t.name IN ('firm', 'part') AND c.name LIKE 'qianzhi[_]%'
UNION ALL SELECT 'role ' + name FROM sys.database_principals WHERE name IN ('reader');
==== watermark: asked
SELECT CAST(CAST(MIN_ACTIVE_ROWVERSION() AS bigint) AS varchar(20)), CAST(CAST(@@DBTS AS bigint) + 1 AS varchar(20))
==== watermark: asked
SELECT @@SERVERNAME + ':' + CONVERT(varchar(40), recovery_fork_guid) FROM sys.database_recovery_status WHERE database_id = DB_ID()
==== target: install
-- Qianzhi, SQL Server through ODBC: received tables of target inbox.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.
CREATE TABLE [qianzhi_mark] (
  subscription nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
  origin nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
  epoch bigint NOT NULL,
  sequence_number bigint NOT NULL,
  digest nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  state_hex nvarchar(max),
  PRIMARY KEY (subscription, origin)
);

CREATE TABLE [received] (
  [id] nvarchar(18) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- 编号
  [name] nvarchar(max),
  [capital] decimal(18, 2),
  [since] date,
  [changed] datetime2(6),
  [open] bit,
  [count] bigint,
  [seal] varbinary(max),
  qz_origin nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- agent that sent the row
  qz_group nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- partition value it was granted under
  qz_seen nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- refill that last touched it
  qz_deleted bigint NOT NULL,
  PRIMARY KEY ([id])
);
CREATE INDEX [qz_received_group] ON [received] (qz_origin, qz_group);

CREATE TABLE [changes] (
  [id] nvarchar(18) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- 编号
  [name] nvarchar(max),
  [capital] decimal(18, 2),
  [since] date,
  [changed] datetime2(6),
  [open] bit,
  [count] bigint,
  [seal] varbinary(max),
  qz_origin nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- agent that sent the row
  qz_group nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- partition value it was granted under
  qz_seen nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- refill that last touched it
  PRIMARY KEY ([id])
);
CREATE INDEX [qz_changes_group] ON [changes] (qz_origin, qz_group);
CREATE TABLE [changes_history] (
  [id] nvarchar(18) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- 编号
  [name] nvarchar(max),
  [capital] decimal(18, 2),
  [since] date,
  [changed] datetime2(6),
  [open] bit,
  [count] bigint,
  [seal] varbinary(max),
  qz_origin nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
  qz_group nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
  qz_operation nvarchar(10) COLLATE Latin1_General_100_BIN2 NOT NULL,  -- upsert, delete
  qz_epoch bigint NOT NULL,
  qz_sequence bigint NOT NULL,
  qz_ordinal bigint NOT NULL,
  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)
);
==== target: grants
-- An account that can log in and change the received tables; nothing else.
-- A login of its own, mapped to the user [reader] of this database, without any role.
GRANT SELECT, INSERT, UPDATE ON [qianzhi_mark] TO [reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [received] TO [reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [changes] TO [reader];
GRANT SELECT, INSERT ON [changes_history] TO [reader];
==== target: uninstall
-- Qianzhi, SQL Server through ODBC: removes the received rows of target inbox.
-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.
-- qianzhi_mark is shared with other targets of this database and stays.
DROP TABLE [received];
DROP TABLE [changes];
DROP TABLE [changes_history];
-- The account, as the grants script made it.
DROP USER IF EXISTS [reader];
==== target: leftovers
SELECT 'table ' + name FROM sys.tables WHERE name IN ('received', 'changes', 'changes_history')
UNION ALL SELECT 'trigger ' + name FROM sys.triggers WHERE name IN ('')
UNION ALL SELECT 'column ' + t.name + '.' + c.name FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id
WHERE t.name IN ('') AND c.name LIKE 'qianzhi[_]%'
UNION ALL SELECT 'role ' + name FROM sys.database_principals WHERE name IN ('reader');
==== first page
SELECT TOP (500) q.[t], CAST(q.[i] AS varchar(40)), CONVERT(varchar(60), q.[n], 2), CONVERT(varchar(40), q.[r], 3), CONVERT(varchar(10), q.[d], 23), CONVERT(varchar(27), q.[s], 126), CONVERT(varchar(33), q.[z], 127), CASE q.[b] WHEN 1 THEN 'true' WHEN 0 THEN 'false' END, CONVERT(varchar(max), CAST(q.[o] AS varbinary(max)), 2), CAST(q.[x] AS nvarchar(max)) FROM [firm] q ORDER BY q.[t], q.[i]
==== next page
SELECT TOP (500) q.[t], CAST(q.[i] AS varchar(40)), CONVERT(varchar(60), q.[n], 2), CONVERT(varchar(40), q.[r], 3), CONVERT(varchar(10), q.[d], 23), CONVERT(varchar(27), q.[s], 126), CONVERT(varchar(33), q.[z], 127), CASE q.[b] WHEN 1 THEN 'true' WHEN 0 THEN 'false' END, CONVERT(varchar(max), CAST(q.[o] AS varbinary(max)), 2), CAST(q.[x] AS nvarchar(max)) FROM [firm] q WHERE q.[t] >= ? AND ((q.[t] > ?) OR (q.[t] = ? AND q.[i] > CAST(? AS bigint))) ORDER BY q.[t], q.[i]
