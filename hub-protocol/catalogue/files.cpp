#include "hub-protocol/catalogue/files.h"

#include <iconv.h>

#include <fstream>
#include <vector>

#include "hub-protocol/base/error.h"
#include "hub-protocol/catalogue/read_csv.h"
#include "hub-protocol/yaml/text_file.h"

namespace qianzhi::catalogue {

namespace {

class Converter {
 public:
  Converter() : handle_(iconv_open("UTF-8", "GB18030")) {
    if (handle_ == no_handle) throw Error(ErrorKind::misuse, "QZ-HUB-204", "iconv has no GB18030");
  }
  ~Converter() { iconv_close(handle_); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  std::string convert(std::string_view text) {
    std::vector<char> in(text.begin(), text.end());
    // Four octets of GB18030 become at most four of UTF-8, one of ASCII one, two at most three.
    std::string out(text.size() * 2 + 4, '\0');
    char* from = in.data();
    char* to = out.data();
    std::size_t left = in.size();
    std::size_t room = out.size();
    if (iconv(handle_, &from, &left, &to, &room) == static_cast<std::size_t>(-1) || left != 0)
      throw Error(ErrorKind::misuse, "QZ-HUB-204", "octet " + std::to_string(text.size() - left + 1));
    out.resize(out.size() - room);
    return out;
  }

 private:
  inline static const iconv_t no_handle = reinterpret_cast<iconv_t>(-1);  // NOLINT: so says iconv
  iconv_t handle_;
};

void read_into(Files& files, const std::filesystem::path& folder, const std::string& name, Encoding encoding,
               yaml::Diagnostics& diagnostics) {
  const auto text = yaml::read_text_file(folder / name, diagnostics);
  if (!text) return;
  if (encoding == Encoding::utf8) {
    files[name] = *text;
    return;
  }
  try {
    files[name] = utf8_from_gb18030(*text);
  } catch (const Error& error) {
    diagnostics.error(error.code(), {std::make_shared<yaml::SourceText>(folder / name, ""), 0, 0, 0},
                      "文件不是 GB18030 编码", "the file is not GB18030: " + error.detail());
  }
}

Files csv_files_in(const std::filesystem::path& folder, Encoding encoding, yaml::Diagnostics& diagnostics) {
  Files files;
  for (const char* name : {"topics.csv", "items.csv"}) read_into(files, folder, name, encoding, diagnostics);
  for (const char* name : {"departments.csv", "code_tables.csv"})
    if (std::filesystem::exists(folder / name)) read_into(files, folder, name, encoding, diagnostics);
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "codes", none))
    if (entry.path().extension() == ".csv")
      read_into(files, folder, "codes/" + entry.path().filename().string(), encoding, diagnostics);
  return files;
}

}  // namespace

std::string utf8_from_gb18030(std::string_view text) { return Converter().convert(text); }

yaml::CatalogueFolder read_folder(const std::filesystem::path& folder, Encoding encoding,
                                  yaml::Diagnostics& diagnostics) {
  const bool is_csv = std::filesystem::exists(folder / "topics.csv");
  if (is_csv && std::filesystem::exists(folder / "catalogue.yaml")) {
    diagnostics.error("QZ-HUB-203", {std::make_shared<yaml::SourceText>(folder, ""), 0, 0, 0},
                      "文件夹中既有 catalogue.yaml 又有 topics.csv",
                      "the folder holds both catalogue.yaml and topics.csv");
    return {};
  }
  return is_csv ? read_csv(folder, csv_files_in(folder, encoding, diagnostics), diagnostics)
                : yaml::load_catalogue_folder(folder, diagnostics);
}

void write_files(const std::filesystem::path& folder, const Files& files) {
  for (const auto& [name, text] : files)
    if (std::filesystem::exists(folder / name))
      throw Error(ErrorKind::misuse, "QZ-HUB-203", (folder / name).string() + " 已存在 / is there already");
  for (const auto& [name, text] : files) {
    std::error_code fault;
    std::filesystem::create_directories((folder / name).parent_path(), fault);
    std::ofstream out(folder / name, std::ios::binary);
    out << text;
    out.close();
    if (fault || !out) throw Error(ErrorKind::misuse, "QZ-HUB-203", (folder / name).string());
  }
}

}  // namespace qianzhi::catalogue
