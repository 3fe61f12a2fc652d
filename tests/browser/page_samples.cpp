#include "tests/browser/page_samples.h"

namespace qianzhi::test {

namespace {

constexpr Micros second = 1'000'000;
constexpr Micros minute = 60 * second;

status::Snapshot commerce() {
  status::Snapshot snapshot;
  snapshot.version = "0.1.0";
  snapshot.agent = "commerce-front-01";
  snapshot.name = "工商部门前置机";
  snapshot.department = "commerce";
  snapshot.language = "zh-CN";
  snapshot.time = sample_time;
  snapshot.started = sample_time - 5 * 3'600 * second;
  snapshot.hub_url = "https://exchange.example:8443";
  snapshot.queue_limit = std::uint64_t{20} << 30;
  return snapshot;
}

flow::StageStatus stage(const std::string& name, std::uint64_t runs) {
  flow::StageStatus status;
  status.name = name;
  status.runs = runs;
  return status;
}

flow::StageStatus failing(const std::string& name, const std::string& code, const std::string& kind,
                          const std::string& detail, Micros since) {
  flow::StageStatus status = stage(name, 1'204);
  status.error_code = code;
  status.error_kind = kind;
  status.error_detail = detail;
  status.error_since = since;
  return status;
}

status::PublicationStatus publication(const std::string& topic, const std::string& title, const std::string& table) {
  status::PublicationStatus line;
  line.topic = topic;
  line.title = title;
  line.source = "commerce_db";
  line.table = table;
  return line;
}

status::PublicationStatus settled(const std::string& topic, const std::string& title, const std::string& table,
                                  std::uint64_t changed, std::uint64_t refilled, Micros age) {
  status::PublicationStatus line = publication(topic, title, table);
  line.sealed_rows = changed;
  line.refilled_rows = refilled;
  line.receipted_rows = changed + refilled;
  line.last_change = sample_time - age;
  line.last = line.receipted = line.secured = "1.318";
  return line;
}

flow::LaneStatus lane(const std::string& topic, const std::string& origin, std::uint64_t mark, std::uint64_t head) {
  flow::LaneStatus status;
  status.topic = topic;
  status.origin = origin;
  status.target = "commerce_db";
  status.mark = {1, mark};
  status.head = {1, head};
  status.granted = status.complete = GroupSet::every();
  status.upserted = 2'106;
  status.removed = 14;
  status.applied = sample_time - 8 * second;
  return status;
}

void add_directory(status::Snapshot& snapshot) {
  snapshot.directory_version = 12;
  snapshot.directory_expires = sample_time + 6 * 86'400 * second;
}

}  // namespace

std::string hostile_text() { return "<script>document.title='owned'</script>\" onload='x' &amp; \xE2\x80\xAE kcab"; }

status::Snapshot well_sample() {
  status::Snapshot snapshot = commerce();
  add_directory(snapshot);
  snapshot.verdict = status::Verdict::well;
  snapshot.queued_octets = 1'310'720;
  snapshot.stages = {stage("capture commerce_db", 18'020), stage("uplink", 3'377), stage("courier", 61),
                     stage("deliver commerce_db", 802)};
  snapshot.publications = {
      settled("commerce.opening_registration", "开业登记信息", "enterprise_opening", 4'120, 2'757, 3 * second),
      settled("commerce.change_registration", "变更登记信息", "enterprise_change", 88'214, 1'000'000, 12 * minute),
      settled("commerce.annual_inspection", "年检信息", "annual_inspection", 0, 651, 3 * 86'400 * second)};
  snapshot.lanes = {lane("national_tax.tax_registration", "national-tax-front-01", 217, 217),
                    lane("quality.organisation_code", "quality-front-01", 40, 40)};
  snapshot.lanes[1].granted = snapshot.lanes[1].complete = GroupSet::of({"150302", "150303"});
  snapshot.databases = {{"commerce_db", "postgresql", "journal", "capture commerce_db", 3},
                        {"commerce_db", "postgresql", "", "deliver commerce_db", 2}};
  snapshot.requests = {
      {true, "3f9c01d2a7b4", "tax.clearance", "", "open", 7, 5, sample_time - 9 * second, sample_time + 51 * second},
      {false, "77d0aa10c2e9", "commerce.firm_check", "police-front-01", "over", 1, 1, sample_time - 8 * minute,
       sample_time + 2 * minute}};
  snapshot.delay = 640'000;
  snapshot.file = "/etc/qianzhi/agent.yaml";
  return snapshot;
}

status::Snapshot attention_sample() {
  status::Snapshot snapshot = well_sample();
  snapshot.name = hostile_text();
  snapshot.verdict = status::Verdict::attention;
  snapshot.queued_octets = std::uint64_t{1} << 30;
  snapshot.stages[1] =
      failing("uplink", "QZ-LINK-002", "unavailable", "10.8.0.12:8443: connection refused", sample_time - 12 * minute);
  snapshot.stages[3] = failing("deliver commerce_db", "QZ-LINK-002", "unavailable", "10.8.0.12:8443: " + hostile_text(),
                               sample_time - 11 * minute);
  status::PublicationStatus& first = snapshot.publications[0];
  first.title = hostile_text();
  first.sealed_rows = 9'007'199'254'740'993;  // the first number that a browser's numbers miss
  first.waiting_rows = 4'120;
  first.waiting_batches = 17;
  first.receipted_rows = first.sealed_rows + first.refilled_rows - first.waiting_rows;
  first.waiting_since = sample_time - 12 * minute;
  first.last = "1.335";
  first.quarantined = 2;
  snapshot.lanes[0].head = {1, 230};
  snapshot.lanes[0].quarantined = 1;
  snapshot.lanes[1].origin = hostile_text();
  snapshot.lanes[1].head = {};
  snapshot.quarantined = 3;
  snapshot.quarantine = {{7, "capture", "commerce.opening_registration", "commerce-front-01", "QZ-MAP-010",
                          "registration_number", sample_time - 40 * minute, 1},
                         {8, "capture", "commerce.opening_registration", "commerce-front-01", "QZ-MAP-011",
                          hostile_text(), sample_time - 30 * minute, 1},
                         {9, "apply", "national_tax.tax_registration", "national-tax-front-01", "QZ-ADP-033",
                          "tax_registration_check", sample_time - 90 * second, 4}};
  return snapshot;
}

status::Snapshot failed_sample() {
  status::Snapshot snapshot = well_sample();
  snapshot.verdict = status::Verdict::failed;
  status::PublicationStatus& changed = snapshot.publications[1];
  changed.code = "QZ-AGT-032";
  changed.detail =
      "/etc/qianzhi/agent.yaml:41:7 items.changed_item <- changed_item：原 was varchar(100)，现 is 不存在 missing，"
      "可能改名为 perhaps renamed to item_name varchar(100)";
  snapshot.publications[2].refill = "*";
  flow::TableProgress& progress = snapshot.publications[2].progress;
  progress.kind = flow::TableProgress::Kind::refill;
  progress.rows = 120'000;
  progress.estimated = 1'000'000;
  progress.rate = 200;
  progress.left = 5 * 3600 * second;
  progress.limit = 200;
  progress.limited_until = sample_time + 2 * 3600 * second;
  snapshot.lanes[1].state_code = "QZ-AGT-051";
  snapshot.lanes[1].state_detail = "1.40 is not followed by 1.42";
  snapshot.notices = {
      {flow::NoticeLevel::info, "QZ-AGT-035", "commerce.annual_inspection", "*"},
      {flow::NoticeLevel::error, "QZ-AGT-032", "commerce.change_registration", "enterprise_change.changed_item"},
      {flow::NoticeLevel::error, "QZ-AGT-051", "quality.organisation_code <- quality-front-01",
       "1.40 is not followed by 1.42"}};
  return snapshot;
}

status::Snapshot starting_sample() {
  status::Snapshot snapshot = commerce();
  snapshot.language = "en-GB";
  snapshot.started = sample_time - 4 * second;
  snapshot.verdict = status::Verdict::starting;
  snapshot.queue_limit = 0;
  snapshot.stages = {stage("capture commerce_db", 0), stage("uplink", 0), stage("courier", 0)};
  snapshot.publications = {publication("commerce.opening_registration", "", "enterprise_opening")};
  return snapshot;
}

status::Snapshot not_configured_sample() {
  status::Snapshot snapshot;
  snapshot.version = "0.1.0";
  snapshot.language = "zh-CN";
  snapshot.time = sample_time;
  snapshot.started = sample_time - 40 * second;
  snapshot.verdict = status::Verdict::not_configured;
  snapshot.file = "/etc/qianzhi/agent.yaml";
  return snapshot;
}

status::Snapshot not_enrolled_sample() {
  status::Snapshot snapshot = commerce();
  snapshot.department.clear();
  snapshot.verdict = status::Verdict::not_enrolled;
  snapshot.file = "/etc/qianzhi/agent.yaml";
  return snapshot;
}

status::Snapshot snapshot_sample() {
  status::Snapshot snapshot = well_sample();
  status::PublicationStatus& line = snapshot.publications[1];
  line.refill = "*";
  line.progress.kind = flow::TableProgress::Kind::refill;
  line.progress.rows = 312'000;
  line.progress.estimated = 1'000'000;
  line.progress.rate = 2'600;
  line.progress.left = 264 * second;
  line.waiting_rows = 2'000;
  line.waiting_batches = 1;
  line.waiting_since = sample_time - second;
  snapshot.publications[2].wanted = "*";
  snapshot.lanes[1].complete = GroupSet::of({"150302"});
  return snapshot;
}

status::Snapshot catching_up_sample() {
  status::Snapshot snapshot = well_sample();
  status::PublicationStatus& line = snapshot.publications[1];
  line.waiting_rows = 18'400;
  line.waiting_batches = 10;
  line.waiting_since = sample_time - 41 * second;
  line.receipted_rows -= line.waiting_rows;
  line.last = "1.328";
  snapshot.queued_octets = 48U << 20U;
  snapshot.lanes[0].head = {1, 260};
  return snapshot;
}

status::Snapshot idle_sample() {
  status::Snapshot snapshot = well_sample();
  for (status::PublicationStatus& line : snapshot.publications) {
    line.last_change = sample_time - 3 * 86'400 * second;
    line.alive = sample_time - 3 * second;
    line.alive_by = "look";
  }
  for (flow::LaneStatus& lane : snapshot.lanes) lane.applied = sample_time - 2 * 86'400 * second;
  return snapshot;
}

status::Snapshot retrying_sample() {
  status::Snapshot snapshot = catching_up_sample();
  snapshot.verdict = status::Verdict::attention;
  snapshot.stages[1] =
      failing("uplink", "QZ-LINK-002", "unavailable", "10.8.0.12:8443: connection refused", sample_time - 12 * minute);
  snapshot.stages[3] = failing("deliver commerce_db", "QZ-LINK-002", "unavailable",
                               "10.8.0.12:8443: connection refused", sample_time - 11 * minute);
  snapshot.publications[1].waiting_since = sample_time - 12 * minute;
  return snapshot;
}

status::Snapshot paused_sample() {
  status::Snapshot snapshot = retrying_sample();
  snapshot.verdict = status::Verdict::failed;
  snapshot.stages[0] = failing("capture commerce_db", "QZ-AGT-020", "full", "20 GiB", sample_time - 25 * minute);
  snapshot.queued_octets = snapshot.queue_limit;
  return snapshot;
}

status::Snapshot quarantine_sample() {
  status::Snapshot snapshot = well_sample();
  snapshot.verdict = status::Verdict::attention;
  snapshot.quarantined = 2;
  snapshot.publications[0].quarantined = 1;
  snapshot.lanes[0].quarantined = 1;
  snapshot.quarantine = {{7, "capture", "commerce.opening_registration", "commerce-front-01", "QZ-MAP-010",
                          "registration_number", sample_time - 40 * minute, 1},
                         {9, "apply", "national_tax.tax_registration", "national-tax-front-01", "QZ-ADP-033",
                          "tax_registration_check", sample_time - 90 * second, 4}};
  return snapshot;
}

void fill(status::History& history) {
  status::Snapshot snapshot = well_sample();
  std::uint64_t rows = 90'000;
  for (int step = 0; step < 1'800; ++step) {
    snapshot.time = sample_time - (1'800 - step) * minute;
    const auto wave = static_cast<std::uint64_t>((step * 37 % 53) + (step % 240 < 120 ? step % 120 : 120 - step % 120));
    const bool is_away = step > 1'780;
    rows += wave;
    snapshot.publications[0].sealed_rows = rows;
    snapshot.publications[0].receipted_rows = rows - (is_away ? wave * 20 : 0);
    snapshot.publications[0].waiting_rows = is_away ? wave * 20 : wave / 8;
    snapshot.delay = static_cast<Micros>(400 + wave * 11) * 1'000;
    snapshot.lanes[0].upserted += wave / 2;
    snapshot.queued_octets = (1U << 20U) + wave * 9'000;
    std::vector<status::Finding> findings;
    if (step % 600 > 560)
      findings.push_back({flow::NoticeLevel::warning, "QZ-LINK-002", {{"uplink", "10.8.0.12:8443: refused", 0}}});
    if (step > 1'700)
      findings.push_back({flow::NoticeLevel::error, "QZ-AGT-032", {{"commerce.change_registration", "item_name", 0}}});
    if (step == 900)
      findings.push_back({flow::NoticeLevel::info, "QZ-AGT-035", {{"commerce.annual_inspection", "*", 0}}});
    history.note(snapshot, findings);
  }
}

}  // namespace qianzhi::test
