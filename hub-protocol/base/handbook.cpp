#include "hub-protocol/base/handbook.h"

#include <vector>

namespace qianzhi {

namespace {

struct Area {
  std::string_view beginning;
  std::string_view title;  // "中文 / English"
};

// In the order of a reader: his own machine first.
constexpr Area areas[] = {
    {"QZ-CLI-", "命令行 / The command line"},
    {"QZ-CFG-", "配置文件 / The configuration file"},
    {"QZ-AGT-", "代理 / The agent"},
    {"QZ-LINK-", "连接 / Connections"},
    {"QZ-MAP-", "数据项检查 / Checks of items"},
    {"QZ-ADP-", "适配器 / Adapters"},
    {"QZ-PG-", "PostgreSQL"},
    {"QZ-MY-", "MariaDB"},
    {"QZ-ODB-", "ODBC"},
    {"QZ-SQL-", "SQLite"},
    {"QZ-FIL-", "文件来源与目标 / Files as sources and targets"},
    {"QZ-SEAL-", "签名、加密、证据 / Signatures, sealing, evidence"},
    {"QZ-HUB-", "交换中心 / The hub"},
    {"QZ-DSK-", "比对与办理 / The desk"},
    {"QZ-PAGE-", "页面 / Pages"},
    {"QZ-PKG-", "软件包 / Packages"},
    {"QZ-BASE-", "通用 / General"},
    {"QZ-DEM-", "演示 / The demonstration"},
};

constexpr std::string_view title = "按代码处理 / Operator's handbook by code";
constexpr std::string_view opening =
    "页面、命令行和日志给出的每一个代码：原因，数据是否安全，怎样处理，怎样确认已经恢复。"
    "在本机查一个代码用 qianzhi explain 代码，不需要网络。 / "
    "Every code that pages, commands and logs name: its cause, whether data is safe, what to do, and how to see that "
    "it "
    "is mended. For one code run qianzhi explain CODE; it needs no network.";

struct Line {
  std::string_view label;
  std::string_view zh;
  std::string_view en;
};

std::vector<Line> lines_of(const Explanation& one) {
  const Guidance guidance = guidance_of(one.code);
  return {{"原因 / cause", one.cause_zh, one.cause_en},
          {"数据 / data", guidance.safe_zh, guidance.safe_en},
          {"处理 / what to do", one.next_zh, one.next_en},
          {"确认 / mended if", guidance.seen_zh, guidance.seen_en}};
}

// What a reader of Markdown or HTML would take for more than text.
std::string escaped(std::string_view text, std::string_view signs, bool html) {
  std::string kept;
  for (const char c : text) {
    if (html && signs.find(c) != std::string_view::npos)
      kept += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&quot;";
    else if (signs.find(c) != std::string_view::npos)
      kept += std::string("\\") + c;
    else
      kept += c;
  }
  return kept;
}
std::string markdown(std::string_view text) { return escaped(text, "\\`*_[]<>|", false); }
std::string html(std::string_view text) { return escaped(text, "&<>\"", true); }

// visit_area(title), visit_code(explanation), in the order of the document; what no area holds comes last.
void each_code(const auto& visit_area, const auto& visit_code) {
  const std::vector<Explanation> all = all_explanations();
  const auto is_of = [](const Explanation& one, const Area& area) {
    return one.code.substr(0, area.beginning.size()) == area.beginning;
  };
  std::vector<bool> told(all.size(), false);
  for (const Area& area : areas) {
    visit_area(area.title);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!is_of(all[i], area)) continue;
      visit_code(all[i]);
      told[i] = true;
    }
  }
  bool is_first = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (told[i]) continue;
    if (is_first) visit_area("其他 / Other");
    is_first = false;
    visit_code(all[i]);
  }
}

}  // namespace

std::string handbook_markdown() {
  std::string text = "# " + std::string(title) + "\n\n" + std::string(opening) + "\n";
  each_code([&](std::string_view area) { text += "\n## " + std::string(area) + "\n"; },
            [&](const Explanation& one) {
              text += "\n### " + std::string(one.code) + " " + markdown(one.title_zh) + " / " + markdown(one.title_en) +
                      "\n\n";
              for (const Line& line : lines_of(one))
                text +=
                    "- **" + std::string(line.label) + "**: " + markdown(line.zh) + " / " + markdown(line.en) + "\n";
            });
  return text;
}

std::string handbook_html() {
  std::string text = "<h1>" + html(title) + "</h1>\n<p>" + html(opening) + "</p>\n";
  each_code([&](std::string_view area) { text += "<h2>" + html(area) + "</h2>\n"; },
            [&](const Explanation& one) {
              text += "<h3 id=\"" + html(one.code) + "\">" + html(one.code) + " " + html(one.title_zh) + " / " +
                      html(one.title_en) + "</h3>\n<ul>\n";
              for (const Line& line : lines_of(one))
                text += "<li><strong>" + html(line.label) + "</strong>: " + html(line.zh) + " / " + html(line.en) +
                        "</li>\n";
              text += "</ul>\n";
            });
  return text;
}

}  // namespace qianzhi
