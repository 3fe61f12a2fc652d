// The database of the office that asks, where its requests and their answers lie.
#include "hub-protocol/service/process.h"
#include "packaging/demo/site.h"

namespace qianzhi::demo {

void Site::place_office() {
  office_.business.file = office_.directory / "business.db";
  office_.received = office_.business;
  if (has_postgresql(office_.id)) {
    office_.business = postgresql(office_, "reader");
    office_.received = postgresql(office_, "writer");
  } else if (has_mariadb(office_.id)) {
    office_.business = mariadb(office_, "reader");
    office_.received = mariadb(office_, "writer");
  }
}

void Site::write_office_config(const std::string& hub_url) const {
  std::string source = yaml_of(office_.business);
  source.replace(source.size() - 1, 1, ", capture: diff}");
  service::write_whole(office_.config(), filled("transport", {{"HUB_URL", hub_url},
                                                              {"SOURCE", source},
                                                              {"TARGET", yaml_of(office_.received)},
                                                              {"CIPHER", options_.keys == Keys::sm2 ? "sm4" : "aes"}}));
}

// Whoever reads is also granted three columns of the table of answers, which so comes first.
void Site::install_office() const {
  for (const auto& [part, database] :
       {std::pair("install", "received"), std::pair("grants", "received"), std::pair("grants", "business")})
    run_script(office_.received, plan(office_, part, database), log("dba.log"));
}

}  // namespace qianzhi::demo
