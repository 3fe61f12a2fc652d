// One value has one text, whether it is loaded or comes from the log.
#include <catch2/catch.hpp>

#include "tests/unit/mysql_support.h"

namespace qianzhi::test {

namespace {

using Lines = std::vector<std::string>;

// The rows as the log has them; the snapshot must say the same.
Lines both_ways(MariaDatabase& database, const std::string& ddl, const Lines& columns, const std::string& inserts) {
  database.run(ddl);
  MariaReader reader(database, maria_spec(database, "t", columns));
  database.run("SET sql_mode = 'ALLOW_INVALID_DATES'; " + inserts);
  const Lines logged = reader.take();
  CHECK(reader.snapshot() == logged);
  return logged;
}

}  // namespace

TEST_CASE("P17 YEAR takes a bit among the signs: numbers behind it keep theirs") {
  MariaDatabase database;
  CHECK(both_ways(database,
                  "CREATE TABLE t(id INT PRIMARY KEY, a TINYINT UNSIGNED, y YEAR, b INT UNSIGNED, c INT, d BIT(9),"
                  " e BIGINT UNSIGNED, f MEDIUMINT, g SMALLINT UNSIGNED, h DECIMAL(5,2) UNSIGNED, i FLOAT UNSIGNED,"
                  " j BIGINT)",
                  {"id", "a", "y", "b", "c", "d", "e", "f", "g", "h", "i", "j"},
                  "INSERT INTO t VALUES(1, 255, 2024, 4000000000, -1, b'100000001', 18446744073709551615, -8388608,"
                  " 65535, 999.99, 1.5, -9223372036854775808), (2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)") ==
        Lines{"+1|255|2024|4000000000|-1|257|18446744073709551615|-8388608|65535|999.99|1.5|-9223372036854775808",
              "+2|0|!0000|0|0|0|0|0|0|0.00|0|0"});
}

TEST_CASE("P19 P20 zero and impossible dates are invalid, instants carry Z, times may pass a day") {
  MariaDatabase database;
  CHECK(both_ways(database,
                  "CREATE TABLE t(id INT PRIMARY KEY, d DATE, dt DATETIME, dt6 DATETIME(6), ts TIMESTAMP NULL,"
                  " ts3 TIMESTAMP(3) NULL, tm TIME, tm3 TIME(3))",
                  {"id", "d", "dt", "dt6", "ts", "ts3", "tm", "tm3"},
                  "SET time_zone = '+08:00';"
                  "INSERT INTO t VALUES(1, '2024-02-29', '2024-02-29 23:59:59', '2024-02-29 23:59:59.5',"
                  " '2024-03-01 07:00:00', '2024-03-01 07:00:00.25', '838:59:59', '-838:59:58.5'),"
                  "(2, '0000-00-00', '0000-00-00', '2024-02-30 01:02:03', 0, 0, '-00:00:01', '00:00:00.001'),"
                  "(3, '2024-00-15', '2024-13-01', NULL, NULL, NULL, NULL, '-00:00:00.5')") ==
        Lines{"+1|2024-02-29|2024-02-29T23:59:59|2024-02-29T23:59:59.500000|2024-02-29T23:00:00Z|"
              "2024-02-29T23:00:00.250000Z|838:59:59|-838:59:58.500000",
              "+2|!0000-00-00|!0000-00-00 00:00:00|!2024-02-30 01:02:03|!0000-00-00 00:00:00|!0000-00-00 "
              "00:00:00|-00:00:01|00:00:00.001000",
              "+3|!2024-00-15|!0000-00-00 00:00:00|NULL|NULL|NULL|NULL|-00:00:00.500000"});
}

TEST_CASE("P19 decimals keep every digit, floats are the shortest that mean the same") {
  MariaDatabase database;
  CHECK(both_ways(database,
                  "CREATE TABLE t(id INT(5) ZEROFILL PRIMARY KEY, a DECIMAL(30,10), b DECIMAL(65,0), c DECIMAL(9,9),"
                  " d DECIMAL(10,2) ZEROFILL, f FLOAT, g DOUBLE)",
                  {"id", "a", "b", "c", "d", "f", "g"},
                  "INSERT INTO t VALUES(7, '-12345678901234567890.0123456789',"
                  " '99999999999999999999999999999999999999999999999999999999999999999', '-0.000000001', '1.5',"
                  " 3.14, 0.1), (8, 0, -1, 0.5, 0, -1e30, 1e22), (9, '-0.0000000001', 1, 0, 12345678.9, 16777217,"
                  " 9007199254740993)") ==
        Lines{"+7|-12345678901234567890.0123456789|"
              "99999999999999999999999999999999999999999999999999999999999999999|-0.000000001|1.50|3.14|0.1",
              "+8|0.0000000000|-1|0.500000000|0.00|-1000000015047466219876688855040|10000000000000000000000",
              "+9|-0.0000000001|1|0.000000000|12345678.90|16777216|9007199254740992"});
}

TEST_CASE("P17 P32 text in GBK, latin1 and UTF-16 arrives as UTF-8, octets as octets, what is no text is invalid") {
  MariaDatabase database;
  CHECK(
      both_ways(database,
                "CREATE TABLE t(id INT PRIMARY KEY, g VARCHAR(20) CHARACTER SET gbk, l CHAR(10) CHARACTER SET latin1,"
                " u VARCHAR(10) CHARACTER SET utf16, m TEXT CHARACTER SET utf8mb3, b BLOB, v VARBINARY(9), f BINARY(3),"
                " x TEXT, c CHAR(4))",
                {"id", "g", "l", "u", "m", "b", "v", "f", "x", "c"},
                "INSERT INTO t VALUES(1, '张三', 'é€', '㐀𠮷', '中', x'00ff', x'6100', x'61', '䶮', 'a  '),"
                "(2, '', '', '', '', '', '', x'610000', '', ''),"
                "(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, CONCAT('a', CHAR(0)), NULL)") ==
      Lines{"+1|张三|é€|㐀𠮷|中|" + std::string("\0\xff", 2) + "|" + std::string("a\0", 2) + "|" +
                std::string("a\0\0", 3) + "|䶮|a",
            "+2|||||||" + std::string("a\0\0", 3) + "||", "+3|NULL|NULL|NULL|NULL|NULL|NULL|NULL|!6100|NULL"});
}

TEST_CASE("P19 ENUM with its error value, SET, UUID of several versions, addresses and JSON") {
  MariaDatabase database;
  CHECK(both_ways(
            database,
            "CREATE TABLE t(id INT PRIMARY KEY, e ENUM('a', '乙', '') CHARACTER SET gbk, s SET('x', 'y', '丙'), u UUID,"
            " n INET6, o INET4, j JSON, after_text VARCHAR(9) CHARACTER SET gbk)",
            {"id", "e", "s", "u", "n", "o", "j", "after_text"},
            "INSERT IGNORE INTO t VALUES(1, '乙', 'x,丙', '123e4567-e89b-12d3-a456-426655440000', '2001:db8::ff',"
            " '10.0.0.1', '{\"a\": 1}', '甲'),"
            "(2, 'unknown', '', '00000000-0000-0000-0000-000000000000', '::', '0.0.0.0', '[]', ''),"
            "(3, '', 'y', '018f4e2a-7c00-7abc-8def-0123456789ab', '::ffff:1.2.3.4', '255.255.255.0', '1', 'z'),"
            "(4, NULL, NULL, 'f47ac10b-58cc-4372-a567-0e02b2c3d479', 'fe80::1', NULL, NULL, NULL)") ==
        Lines{"+1|乙|x,丙|123e4567-e89b-12d3-a456-426655440000|2001:db8::ff|10.0.0.1|{\"a\": 1}|甲",
              "+2|!||00000000-0000-0000-0000-000000000000|::|0.0.0.0|[]|",
              "+3||y|018f4e2a-7c00-7abc-8def-0123456789ab|::ffff:1.2.3.4|255.255.255.0|1|z",
              "+4|NULL|NULL|f47ac10b-58cc-4372-a567-0e02b2c3d479|fe80::1|NULL|NULL|NULL"});
}

TEST_CASE("P25 a snapshot misses no row whatever kind of key it goes by") {
  MariaDatabase database;
  const auto count_of = [&](const std::string& type, const std::string& values, const std::string& extra = "") {
    database.run("DROP TABLE IF EXISTS t; CREATE TABLE t(id " + type + " NOT NULL" +
                 (extra.empty() ? " PRIMARY KEY" : extra) + "); INSERT INTO t VALUES " + values);
    MariaReader reader(database, maria_spec(database, "t", {"id"}));
    return reader.snapshot(0, {2, 1U << 20U}).size();
  };
  CHECK(count_of("VARCHAR(9)", "('a'), ('B'), ('c'), ('D'), (''), ('㐀'), ('𠮷')") == 7);
  CHECK(count_of("VARCHAR(9) CHARACTER SET gbk", "('a'), ('B'), ('丙'), ('丁'), ('甲'), ('乙')") == 6);
  CHECK(count_of("BIGINT UNSIGNED", "(18446744073709551615), (18446744073709551614), (9007199254740993), (0), (1)") ==
        5);
  CHECK(count_of("DECIMAL(20,3)", "(-1), (0.001), (0.002), (12345678901234567.891), (12345678901234567.892)") == 5);
  CHECK(count_of("ENUM('z', 'y', 'x', 'w')", "('w'), ('x'), ('y'), ('z')") == 4);
  CHECK(count_of("DATETIME(6)", "('2024-01-01'), ('2024-01-01 00:00:00.000001'), ('2024-01-01 00:00:00.000002')") == 3);
  CHECK(count_of("UUID", "(UUID()), (UUID()), (UUID()), ('018f4e2a-7c00-7abc-8def-0123456789ab')") == 4);
  CHECK(count_of("VARBINARY(4)", "(x'00'), (x'0000'), (x'ff'), (x''), (x'ff00')") == 5);
  // No unique index: the collation holds some of them for equal, octets do not.
  CHECK(count_of("VARCHAR(9)", "('a'), ('A'), ('á'), ('b'), ('B')", ", KEY(id)") == 5);
}

}  // namespace qianzhi::test
