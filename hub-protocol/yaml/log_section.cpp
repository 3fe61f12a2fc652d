#include "hub-protocol/yaml/log_section.h"

namespace qianzhi::yaml {

LogForm read_log(MapReader& root) {
  MapReader section = root.map("log", false);
  const LogForm form =
      section.choice<LogForm>("format", {{"text", LogForm::text}, {"json", LogForm::json}}, LogForm::text);
  section.finish();
  return form;
}

}  // namespace qianzhi::yaml
