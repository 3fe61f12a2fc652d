#include "agent/mapping/dates.h"

#include <catch2/catch.hpp>

using namespace qianzhi::mapping;

TEST_CASE("R mapping: one date in every form that departments write is one date") {
  for (const char* form : {"2024-01-05",
                           "2024-1-5",
                           "2024/01/05",
                           "2024/1/5",
                           "2024.1.5",
                           "2024.01.05",
                           "20240105",
                           "2024年1月5日",
                           "2024年01月05日",
                           "2024 年 1 月 5 日",
                           "2024年1月5号",
                           "2024年1月5",
                           "２０２４年１月５日",
                           "２０２４－０１－０５",
                           "二〇二四年一月五日",
                           "二零二四年一月五日",
                           "二○二四年一月五日",
                           " 2024-01-05　",
                           "2024-01-05 00:00:00",
                           "2024-01-05T00:00:00",
                           "2024-01-05T00:00:00.000000",
                           "2024/1/5 0:00:00",
                           "2024/1/5 0:00",
                           "20240105000000",
                           "20240105 000000",
                           "2024年1月5日 00:00:00"}) {
    INFO(form);
    CHECK(date_of(form) == "2024-01-05");
  }
  CHECK(date_of("二〇二三年十二月三十一日") == "2023-12-31");
  CHECK(date_of("一九九九年十月二十日") == "1999-10-20");
  CHECK(date_of("2024年2月29日") == "2024-02-29");
}

TEST_CASE("R mapping: a date that does not exist or is ambiguous is refused, never repaired") {
  for (const char* form : {"2023-02-29",
                           "2024-13-01",
                           "2024-00-10",
                           "2024-01-32",
                           "20240230",
                           "0000-00-00",
                           "05/01/2024",
                           "24-1-5",
                           "1/5/24",
                           "2024-01",
                           "2024",
                           "2024-1/5",
                           "2024-01-05 12:30:00",
                           "2024-01-05T00:00:00Z",
                           "2024-01-05T00:00:00+08:00",
                           "2024-01-05x",
                           "202401051",
                           "2024年1月",
                           "二〇二四年十三月一日",
                           "",
                           "abc",
                           "99999-01-01",
                           "2024-01-05 ab",
                           "20240105000001",
                           "2024-01-05 00:00:00.000001"}) {
    INFO(form);
    CHECK_FALSE(date_of(form).has_value());
  }
}

TEST_CASE("R mapping: times keep every digit and become instants only if they name a zone") {
  CHECK(timestamp_of("2024-01-05T12:30:00", false) == "2024-01-05T12:30:00");
  CHECK(timestamp_of("2024-01-05 12:30:00", false) == "2024-01-05T12:30:00");
  CHECK(timestamp_of("2024-01-05 12:30:00.5", false) == "2024-01-05T12:30:00.500000");
  CHECK(timestamp_of("2024-01-05 12:30:00.000", false) == "2024-01-05T12:30:00");
  CHECK(timestamp_of("2024-01-05T12:30:00.123456Z", false) == "2024-01-05T12:30:00.123456Z");
  CHECK(timestamp_of("2024-01-01 07:59:59+08", false) == "2023-12-31T23:59:59Z");
  CHECK(timestamp_of("2024-02-28 23:30:00-01:30", false) == "2024-02-29T01:00:00Z");
  CHECK(timestamp_of("2023-12-31 23:59:59-0001", false) == "2024-01-01T00:00:59Z");
  CHECK(timestamp_of("2024年1月5日 9:05", true) == "2024-01-05T09:05:00");
  CHECK(timestamp_of("20240105123001", true) == "2024-01-05T12:30:01");
  CHECK(timestamp_of("2024-1-5", true) == "2024-01-05T00:00:00");
  for (const char* form : {"2024-01-05", "2024-01-05 24:00:00", "2024-01-05 12:60:00", "2024-02-30 12:00:00",
                           "2024-01-05 12:30:00.1234567", "2024-01-05 12:30", "2024-01-05 12:30:00+8",
                           "2024-01-05 12:30:00 CST", "0001-01-01 00:00:00+08", "9999-12-31 23:59:59-08"}) {
    INFO(form);
    CHECK_FALSE(timestamp_of(form, false).has_value());
  }
}

TEST_CASE("R mapping: years have four digits") {
  CHECK(year_of("2006") == "2006");
  CHECK(year_of("2006年度") == "2006");
  CHECK(year_of("二〇〇六年") == "2006");
  CHECK_FALSE(year_of("06").has_value());
  CHECK_FALSE(year_of("0000").has_value());
  CHECK_FALSE(year_of("2006年1月").has_value());
}

TEST_CASE("P19: the zero date of MySQL is told from a wrong date") {
  CHECK(is_zero_date("0000-00-00"));
  CHECK(is_zero_date("0000-00-00 00:00:00"));
  CHECK_FALSE(is_zero_date("0000-00-01"));
  CHECK_FALSE(is_zero_date("0000-00-00 00:00:01"));
}
