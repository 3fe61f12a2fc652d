#include <algorithm>
#include <array>

#include "agent/status/path.h"
#include "agent/status/plain_parts.h"

namespace qianzhi::status {

namespace {

struct Words {
  std::string_view id;
  std::string_view zh;
  std::string_view en;
};

Words words_of(std::string_view station) {
  static constexpr std::array<Words, 8> all = {{{"database", "数据库", "Database"},
                                                {"capture", "采集", "Capture"},
                                                {"queue", "队列", "Queue"},
                                                {"send", "发送", "Send"},
                                                {"receipt", "回执", "Receipt"},
                                                {"receive", "接收", "Receive"},
                                                {"target", "目标库", "Target"},
                                                {"voucher", "回执", "Receipt"}}};
  return *std::find_if(all.begin(), all.end(), [&](const Words& words) { return words.id == station; });
}

struct Figure {
  std::string first;   // HTML
  std::string second;  // HTML
};

class Figures {
 public:
  Figures(const Snapshot& snapshot, Language language)
      : snapshot_(snapshot), language_(language), totals_(totals_of(snapshot)) {}

  Figure of(std::string_view station) const {
    if (station == "database") return database();
    if (station == "capture")
      return {say("变更 ", "changed ") + rows(totals_.sealed), say("补传 ", "refilled ") + rows(totals_.refilled)};
    if (station == "queue") return queue();
    if (station == "send") return send();
    if (station == "receipt") return receipt();
    if (station == "receive")
      return {"<b>" + grouped(snapshot_.lanes.size()) + "</b>" + say(" 个流", " streams"),
              say("落后 ", "behind: ") + grouped(totals_.lanes_behind) + say(" 个", "")};
    if (station == "target")
      return {say("写入 ", "written ") + rows(totals_.upserted) + say("，删除 ", ", removed ") + rows(totals_.removed),
              say("最近写入 ", "last written ") + when(totals_.applied)};
    return {say("告知交换中心已写入", "the hub hears what was written"), say("随下一次接收", "with the next fetch")};
  }

 private:
  std::string say(std::string_view zh, std::string_view en) const { return text_of(language_, zh, en); }
  std::string rows(std::uint64_t count) const { return "<b>" + grouped(count) + "</b>" + say(" 行", " rows"); }
  std::string when(Micros time) const {
    return time == 0 ? say("尚无", "none yet") : age_text(time, snapshot_.time, language_);
  }

  Figure database() const {
    return {say("最后变更 ", "last change ") + when(totals_.last_change),
            grouped(snapshot_.publications.size()) + say(" 个发布", " publications")};
  }

  Figure queue() const {
    const std::string limit = snapshot_.queue_limit == 0 ? say("不限", "no limit") : octets_text(snapshot_.queue_limit);
    return {say("等待 ", "waiting ") + rows(totals_.waiting_rows), "<span title=\"" + grouped(snapshot_.queued_octets) +
                                                                       " B\">" + octets_text(snapshot_.queued_octets) +
                                                                       "</span> / " + limit};
  }

  Figure send() const {
    return {"<b>" + grouped(totals_.waiting_batches) + "</b>" + say(" 批待发送或待回执", " batches to settle"),
            totals_.oldest == 0
                ? say("没有等待", "none waits")
                : say("最早一批已等待 ", "the oldest for ") + span_text(snapshot_.time - totals_.oldest, language_)};
  }

  Figure receipt() const {
    return {say("已回执 ", "receipted ") + rows(totals_.receipted),
            totals_.waiting_rows == 0 ? say("没有缺少的回执", "none is missing")
                                      : say("还差 ", "missing ") + rows(totals_.waiting_rows)};
  }

  const Snapshot& snapshot_;
  const Language language_;
  const Totals totals_;
};

std::string strip(std::string_view id, const std::vector<Station>& stations, const Figures& figures,
                  Language language) {
  if (stations.empty()) return {};
  std::string text = "<ol class=\"path\" id=\"" + std::string(id) + "\">";
  for (const Station& station : stations) {
    const Words words = words_of(station.id);
    const Figure figure = figures.of(station.id);
    text += "<li class=\"" + std::string(station.state.kind) + "\"><h3>" + text_of(language, words.zh, words.en) +
            "</h3>" + state_html(station.state, language) + "<p>" + figure.first + "</p><p class=\"more\">" +
            figure.second + "</p></li>";
  }
  return text + "</ol>\n";
}

}  // namespace

std::string name_html(std::string_view name) {
  std::string text = "<bdi class=\"name\">";
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t joint = name.find_first_of("_.-", at);
    const std::size_t end = joint == std::string_view::npos ? name.size() : joint + 1;
    text += escaped(name.substr(at, end - at)) + (end < name.size() ? "<wbr>" : "");
    at = end;
  }
  return text + "</bdi>";
}

std::string state_html(const StateWord& state, Language language) {
  return "<span class=\"state " + std::string(state.kind) + "\">" + std::string(state.icon) + " " +
         text_of(language, state.zh, state.en) + "</span>";
}

std::string path_html(const Snapshot& snapshot, Language language) {
  const Figures figures(snapshot, language);
  return strip("path-out", path_out(snapshot), figures, language) +
         strip("path-in", path_in(snapshot), figures, language);
}

}  // namespace qianzhi::status
