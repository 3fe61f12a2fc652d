// A catalogue as files: YAML as in conf/catalogue, or CSV for spreadsheets. Both ways, without loss.
//
//   YAML  catalogue.yaml (version, code tables, shared items), codes/ID.csv, DEPARTMENT.yaml
//   CSV   departments.csv  id,title,title_en
//         topics.csv       id,title,title_en,department,code,mode,key,partition,sharing,basis,conditions,purposes,
//                          publishable,grade,update_cycle,contact,summary        key and purposes: separated by ;
//         items.csv        topic,id,title,title_en,type,required,personal,check,check_quarantines,code_table
//         code_tables.csv  id,title,title_en,edition,partial                     and codes/ID.csv code,title,from,until
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "hub-protocol/yaml/catalogue.h"
#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::catalogue {

using Files = std::map<std::string, std::string>;  // name inside the folder -> text, UTF-8

// With a first line that says what it is. An item that several topics have in the same way is written once.
Files yaml_files(const yaml::CatalogueFolder& content);
// With a byte order mark, which spreadsheets need to see UTF-8.
Files csv_files(const yaml::CatalogueFolder& content);

enum class Encoding { utf8, gb18030 };  // of CSV files; YAML is UTF-8 always

// Either kind, told apart by catalogue.yaml and topics.csv. Everything that is wrong is in diagnostics with its file
// and line; the result is then incomplete.
yaml::CatalogueFolder read_folder(const std::filesystem::path& folder, Encoding encoding,
                                  yaml::Diagnostics& diagnostics);

// Makes the folder. Throws Error(misuse, QZ-HUB-203) if it cannot, or holds one of the files already.
void write_files(const std::filesystem::path& folder, const Files& files);

// Strictly. Throws Error(misuse, QZ-HUB-204).
std::string utf8_from_gb18030(std::string_view text);

}  // namespace qianzhi::catalogue
