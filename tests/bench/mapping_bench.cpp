// CPU-seconds to map a million rows of 12 columns and about 300 octets: plain column copies, and with work to do.
#include <sys/resource.h>

#include <cstdio>
#include <string>
#include <vector>

#include "agent/mapping/mapper.h"

namespace {

using namespace qianzhi;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

constexpr std::size_t chunk_rows = 2000;
constexpr std::size_t chunks = 500;

std::vector<Column> make_rows(bool untidy) {
  std::vector<Column> columns(12);
  for (std::size_t row = 0; row < chunk_rows; ++row) {
    const std::string number = std::to_string(100000 + row);
    columns[0].append("33010" + std::to_string(row % 9) + "100" + number);
    columns[1].append(untidy ? "　杭州（西湖）" + number + "号贸易有限公司 " : "杭州西湖" + number + "号贸易有限公司");
    columns[2].append("王小明");
    columns[3].append("11010519491231002X");
    columns[4].append("浙江省杭州市西湖区文三路" + number + "号三单元二层");
    columns[5].append("310012");
    columns[6].append("0571-88" + number);
    columns[7].append("批发零售百货五金交电日用杂品文化用品计算机及配件技术咨询服务");
    columns[8].append("5131");
    columns[9].append(untidy ? "2004年3月1日" : "2004-03-01");
    columns[10].append("杭州市工商行政管理局西湖分局");
    columns[11].append("330106");
  }
  return columns;
}

void run(const char* name, bool untidy) {
  Topic topic;
  topic.id = "bench.rows";
  topic.key = {"c00"};
  topic.partition = "c11";
  config::PublicationConfig publication;
  for (std::size_t i = 0; i < 12; ++i) {
    Item item;
    item.id = i < 10 ? "c0" + std::to_string(i) : "c" + std::to_string(i);
    item.length = 300;
    if (i == 9) item.type = ItemType::date;
    topic.items.push_back(item);
    publication.items[item.id].column = item.id;
    if (untidy) publication.items[item.id].normalise = {config::Normalise::trim, config::Normalise::width};
  }
  if (untidy) {
    publication.items["c09"].normalise = {config::Normalise::date};
    topic.items[0].check = CheckRule::registration_number;
    topic.items[3].check = CheckRule::citizen_id;
    publication.where["c11"] = {"330106"};
  }
  const mapping::Mapper mapper(publication, topic);
  const std::vector<Column> columns = make_rows(untidy);
  const std::vector<Operation> operations(chunk_rows, Operation::upsert);
  std::size_t octets = 0;
  for (const Column& column : columns) octets += column.octets();
  std::size_t faults = 0;
  const double before = cpu_seconds();
  for (std::size_t i = 0; i < chunks; ++i) faults += mapper.map(operations, columns, {}).faults.size();
  const double used = cpu_seconds() - before;
  std::printf("%-16s %zu rows of %zu octets: %.2f CPU-s, %zu faults\n", name, chunk_rows * chunks, octets / chunk_rows,
              used, faults);
}

}  // namespace

int main() {
  run("plain copies", false);
  run("with all rules", true);
  return 0;
}
