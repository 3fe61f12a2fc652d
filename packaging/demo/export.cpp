#include "packaging/demo/export.h"

#include <iconv.h>

#include <fstream>
#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi::demo {

namespace {

std::string in_gb18030(std::string text) {
  const std::unique_ptr<void, int (*)(iconv_t)> converter(iconv_open("GB18030", "UTF-8"), &iconv_close);
  std::string result(text.size() * 2 + 4, '\0');
  char* in = text.data();
  char* out = result.data();
  std::size_t in_left = text.size();
  std::size_t out_left = result.size();
  if (iconv(converter.get(), &in, &in_left, &out, &out_left) != 0)
    throw Error(ErrorKind::misuse, "QZ-DEM-001", "the demonstration's text cannot be written in GB18030");
  result.resize(result.size() - out_left);
  return result;
}

std::string quoted_field(const std::string& text) {
  std::string field = "\"";
  for (const char c : text) field.append(c == '"' ? 2 : 1, c);
  return field + "\"";
}

}  // namespace

void write_csv(const std::filesystem::path& file, const std::vector<std::string>& header,
               const std::vector<Row>& rows) {
  std::string text;
  for (std::size_t i = 0; i < header.size(); ++i) text += (i == 0 ? "" : ",") + header[i];
  text += "\r\n";
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i != 0) text += ',';
      if (row[i]) text += quoted_field(*row[i]);
    }
    text += "\r\n";
  }
  std::ofstream stream(file, std::ios::binary);
  stream << in_gb18030(std::move(text));
  stream.close();
  if (!stream) throw Error(ErrorKind::misuse, "QZ-DEM-001", "cannot write " + file.string());
}

}  // namespace qianzhi::demo
