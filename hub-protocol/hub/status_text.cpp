#include "hub-protocol/hub/status_text.h"

#include "hub-protocol/base/codes.h"

namespace qianzhi::hub {

namespace {

std::string remark_of(const StreamStatus& stream) {
  std::string remark;
  if (stream.halted) remark += "  已中止 HALTED: qianzhi-hub resume " + stream.stream.agent + " " + stream.stream.topic;
  if (stream.epoch_waits)
    remark +=
        "  新纪元待批准 EPOCH WAITS: qianzhi-hub approve-epoch " + stream.stream.agent + " " + stream.stream.topic;
  if (stream.evidence != 0) remark += "  证据 evidence " + std::to_string(stream.evidence);
  return remark;
}

}  // namespace

std::string status_text(const Exchange& exchange) {
  const StopReason stop = exchange.stopped();
  const auto directory = exchange.current_directory();
  std::string text = stop.code.empty() ? "运行中 running" : "已停止 STOPPED " + stop.code + " " + stop.detail;
  if (const auto explanation = explain(stop.code))
    text += "\n  " + std::string(explanation->title_zh) + "\n  " + std::string(explanation->title_en) + "\n  -> " +
            std::string(explanation->next_en);
  text +=
      "\n目录 directory " + std::to_string(directory->version) + "  有效至 until " + to_text(directory->expires) + "\n";
  for (const StreamStatus& stream : exchange.status())
    text += to_text(stream.stream) + "  " + to_text(stream.head.position) + "  已备份至 secured through " +
            (stream.secured.is_none() ? "-" : to_text(stream.secured.position)) + "  批次 batches " +
            std::to_string(stream.batches) + remark_of(stream) + "\n";
  return text;
}

}  // namespace qianzhi::hub
