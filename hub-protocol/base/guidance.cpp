#include <iterator>

#include "hub-protocol/base/handbook.h"

namespace qianzhi {

namespace {

struct Words {
  std::string_view zh;
  std::string_view en;
};

constexpr Words nothing_done = {"安全：这条命令没有执行，什么也没有改变",
                                "safe: the command was not carried out, nothing changed"};
constexpr Words waits = {
    "安全：变更留在源库和队列里，恢复后自动继续，不丢也不重",
    "safe: changes wait in the source and in the queue, and go on by themselves, none lost or doubled"};
constexpr Words stops_alone = {
    "安全：只有相关的主题停住，已发出和已写入的不变；恢复后自动补传",
    "safe: only the topic concerned stands still, what was sent and applied stays; it refills by itself"};
constexpr Words unseen = {
    "这段时间的变更可能没有采集到；它们还在源库，按“处理”补传之后对方就齐全，期间不要删除源数据",
    "changes of that time may be uncaptured; they are in the source, and the refill of the next step brings them"};
constexpr Words row_alone = {
    "安全：只有这一行在隔离区，其余照常；源数据改正后自动通过",
    "safe: this row alone is set aside, all others go on; it passes once its source is corrected"};
constexpr Words not_applied = {
    "安全：有问题的内容没有写入目标库，进度没有前进，原件仍在交换中心",
    "safe: what is wrong was not applied, the mark did not move, the hub still has the original"};
constexpr Words as_before = {
    "安全：运行中的程序按原来的配置继续；没有启动的，队列和数据原样不动",
    "safe: a running program goes on as it was; if it did not start, queue and data are untouched"};
constexpr Words informs = {"安全：只是告知，收发照常", "safe: it only informs, data flows as usual"};
constexpr Words file_moved = {
    "安全：整个文件没有导入，原有数据不变；文件移到 rejected，没有删除",
    "safe: nothing of the file was imported, what was there stays; the file is in rejected, not deleted"};
constexpr Words refused = {"安全：被拒绝的内容没有保存，也没有转发；其他代理和主题照常",
                           "safe: what was refused is neither kept nor passed on; other agents and topics go on"};
constexpr Words hub_stops = {
    "安全：交换中心停止给出回执，各代理保留全部数据；处理完之前不要清理任何文件",
    "safe: the hub gives no receipts and agents keep everything; remove no file before this is settled"};
constexpr Words administration = {"安全：没有登记、授权或账户被改动，数据收发照常",
                                  "safe: no member, grant or account was changed, data flows as usual"};
constexpr Words asked = {
    "安全：只涉及这一次请求或答复，主题数据的收发照常；请求编号不会被执行两次",
    "safe: it concerns this request or answer alone, topics flow as usual; no request is carried out twice"};
constexpr Words desk = {"安全：收到的数据只读不改；比对、案件和通知在 desk.db 中，已有的不变",
                        "safe: received data is only read; findings, cases and notices in desk.db stay as they are"};
constexpr Words doubtful = {
    "不一定：先不要删除、覆盖或恢复任何文件，按“处理”核实之后再继续",
    "in doubt: delete, overwrite and restore nothing before the next step has shown what is so"};
constexpr Words evidence = {"收发的数据不受影响；要核实的是证据是否完整",
                            "exchanged data is not concerned; the question is whether the evidence is whole"};
constexpr Words invented = {"安全：演示的数据是虚构的，与正式数据无关", "safe: the demonstration's data is invented"};

constexpr Words again = {"再执行同一条命令，退出状态为 0", "the same command again ends with status 0"};
constexpr Words by_status = {"qianzhi status 不再列出此代码，相关环节的时间在更新",
                             "qianzhi status no longer lists the code, and the stage's time moves on"};
constexpr Words by_check = {"qianzhi check（交换中心和比对程序用各自的 check）没有错误",
                            "qianzhi check (check of the hub's or the desk's program for theirs) finds no error"};
constexpr Words by_live = {"qianzhi check --live 全部通过，qianzhi status 不再列出此代码",
                           "qianzhi check --live finds all good, and qianzhi status no longer lists the code"};
constexpr Words by_quarantine = {"qianzhi quarantine list 不再列出这一行",
                                 "qianzhi quarantine list no longer lists the row"};
constexpr Words by_doctor = {"qianzhi doctor 的这一行为通过", "the line of qianzhi doctor is good"};
constexpr Words by_hub = {"qianzhi-hub status 不再列出此代码", "qianzhi-hub status no longer lists the code"};
constexpr Words by_agents = {"qianzhi-hub agents 显示该代理刚刚联系过",
                             "qianzhi-hub agents shows that the agent was just heard of"};
constexpr Words by_streams = {"qianzhi-hub streams 显示该流在前进，没有中止",
                              "qianzhi-hub streams shows the stream moving and not halted"};
constexpr Words by_desk = {"qianzhi-desk doctor 没有失败的行", "qianzhi-desk doctor has no failed line"};
constexpr Words by_request = {"qianzhi request list 显示该请求已答复，或新的请求得到答复",
                              "qianzhi request list shows the request answered, or a new one is answered"};
constexpr Words by_verify = {"qianzhi verify 对完整的文件夹以 0 结束",
                             "qianzhi verify of the whole folder ends with 0"};
constexpr Words by_folder = {"下一个文件进入 archive，qianzhi status 不再列出此代码",
                             "the next file goes to archive, and qianzhi status no longer lists the code"};
constexpr Words by_page = {"刷新页面后操作成功", "it works after the page was loaded again"};

struct Entry {
  std::string_view beginning;
  Words safe;
  Words seen;
};

constexpr Entry entries[] = {
    {"QZ-", waits, by_status},
    {"QZ-ADP", stops_alone, by_live},
    {"QZ-ADP-00", waits, by_status},
    {"QZ-ADP-012", unseen, by_live},
    {"QZ-ADP-013", unseen, by_live},
    {"QZ-ADP-015", unseen, by_live},
    {"QZ-ADP-03", row_alone, by_quarantine},
    {"QZ-ADP-06", asked, by_live},
    {"QZ-AGT", waits, by_status},
    {"QZ-AGT-01", doubtful, by_status},
    {"QZ-AGT-010", as_before, by_status},
    {"QZ-AGT-024", informs, by_status},
    {"QZ-AGT-025", informs, by_doctor},
    {"QZ-AGT-03", stops_alone, by_status},
    {"QZ-AGT-033", row_alone, by_quarantine},
    {"QZ-AGT-031", unseen, by_status},
    {"QZ-AGT-034", unseen, by_status},
    {"QZ-AGT-035", informs, by_status},
    {"QZ-AGT-036", as_before, by_check},
    {"QZ-AGT-037", informs, by_status},
    {"QZ-AGT-038", informs, by_status},
    {"QZ-AGT-039", informs, by_status},
    {"QZ-AGT-05", not_applied, by_status},
    {"QZ-AGT-053", informs, by_status},
    {"QZ-AGT-056", informs, by_status},
    {"QZ-AGT-06", not_applied, by_status},
    {"QZ-AGT-07", nothing_done, again},
    {"QZ-AGT-08", nothing_done, again},
    {"QZ-AGT-085", informs, by_status},
    {"QZ-AGT-086", informs, by_status},
    {"QZ-AGT-087", informs, by_status},
    {"QZ-AGT-088", informs, by_status},
    {"QZ-AGT-089", informs, by_status},
    {"QZ-AGT-10", informs, by_status},
    {"QZ-AGT-100", unseen, by_status},
    {"QZ-AGT-106", nothing_done, again},
    {"QZ-AGT-11", nothing_done, again},
    {"QZ-AGT-12", waits, by_doctor},
    {"QZ-AGT-120", nothing_done, again},
    {"QZ-AGT-121", nothing_done, again},
    {"QZ-AGT-129", as_before, by_check},
    {"QZ-AGT-14", nothing_done, again},
    {"QZ-AGT-15", asked, by_request},
    {"QZ-AGT-16", asked, by_request},
    {"QZ-AGT-17", nothing_done, again},
    {"QZ-AGT-176", asked, by_live},
    {"QZ-BASE", waits, again},
    {"QZ-CFG", as_before, by_check},
    {"QZ-CLI", nothing_done, again},
    {"QZ-CLI-02", waits, by_doctor},
    {"QZ-CLI-026", doubtful, by_doctor},
    {"QZ-DEM", invented, again},
    {"QZ-DSK", desk, by_desk},
    {"QZ-DSK-12", desk, again},
    {"QZ-DSK-20", desk, again},
    {"QZ-DSK-21", desk, again},
    {"QZ-DSK-22", desk, by_page},
    {"QZ-FIL", file_moved, by_folder},
    {"QZ-FIL-001", waits, by_live},
    {"QZ-FIL-002", as_before, by_check},
    {"QZ-FIL-009", waits, by_folder},
    {"QZ-FIL-011", waits, by_folder},
    {"QZ-FIL-012", waits, by_folder},
    {"QZ-FIL-013", waits, by_folder},
    {"QZ-FIL-014", informs, by_folder},
    {"QZ-FIL-015", waits, by_folder},
    {"QZ-FIL-016", not_applied, by_status},
    {"QZ-HUB", administration, by_hub},
    {"QZ-HUB-00", refused, by_agents},
    {"QZ-HUB-01", refused, by_streams},
    {"QZ-HUB-02", hub_stops, by_hub},
    {"QZ-HUB-026", nothing_done, again},
    {"QZ-HUB-027", nothing_done, again},
    {"QZ-HUB-03", hub_stops, by_hub},
    {"QZ-HUB-031", refused, by_streams},
    {"QZ-HUB-04", as_before, by_check},
    {"QZ-HUB-05", nothing_done, again},
    {"QZ-HUB-052", hub_stops, by_hub},
    {"QZ-HUB-054", waits, again},
    {"QZ-HUB-06", administration, again},
    {"QZ-HUB-07", administration, again},
    {"QZ-HUB-20", administration, again},
    {"QZ-HUB-22", administration, again},
    {"QZ-HUB-23", administration, again},
    {"QZ-HUB-236", informs, by_hub},
    {"QZ-HUB-237", waits, by_hub},
    {"QZ-HUB-24", administration, again},
    {"QZ-HUB-240", refused, by_streams},
    {"QZ-HUB-243", waits, by_hub},
    {"QZ-HUB-25", asked, by_request},
    {"QZ-HUB-27", administration, again},
    {"QZ-HUB-28", administration, by_page},
    {"QZ-LINK", waits, by_doctor},
    {"QZ-LINK-10", refused, by_agents},
    {"QZ-LINK-11", refused, by_agents},
    {"QZ-LINK-12", refused, by_agents},
    {"QZ-LINK-112", hub_stops, by_hub},
    {"QZ-LINK-113", informs, by_agents},
    {"QZ-LINK-128", waits, by_agents},
    {"QZ-LINK-129", waits, by_agents},
    {"QZ-LINK-13", refused, by_agents},
    {"QZ-LINK-15", nothing_done, again},
    {"QZ-MAP", row_alone, by_quarantine},
    {"QZ-MAP-00", as_before, by_check},
    {"QZ-MY", stops_alone, by_live},
    {"QZ-MY-00", waits, by_live},
    {"QZ-MY-042", waits, by_status},
    {"QZ-ODB", stops_alone, by_live},
    {"QZ-ODB-00", waits, by_live},
    {"QZ-ODB-014", waits, by_status},
    {"QZ-PAGE", informs, by_page},
    {"QZ-PG", stops_alone, by_live},
    {"QZ-PG-00", waits, by_live},
    {"QZ-PG-042", waits, by_status},
    {"QZ-PKG", as_before, by_status},
    {"QZ-SEAL", not_applied, by_status},
    {"QZ-SEAL-00", waits, by_status},
    {"QZ-SEAL-02", as_before, by_check},
    {"QZ-SEAL-053", evidence, by_verify},
    {"QZ-SEAL-055", evidence, by_verify},
    {"QZ-SEAL-056", evidence, by_verify},
    {"QZ-SEAL-057", evidence, by_verify},
    {"QZ-SEAL-070", informs, by_status},
    {"QZ-SEAL-071", waits, by_status},
    {"QZ-SEAL-086", evidence, by_verify},
    {"QZ-SEAL-087", evidence, by_verify},
    {"QZ-SEAL-088", evidence, by_verify},
    {"QZ-SEAL-089", evidence, by_verify},
    {"QZ-SEAL-09", evidence, by_verify},
    {"QZ-SEAL-10", asked, by_request},
    {"QZ-SEAL-11", asked, by_request},
    {"QZ-SQL", waits, by_status},
    {"QZ-SQL-003", doubtful, by_doctor},
    {"QZ-SQL-006", nothing_done, again},
};

}  // namespace

Guidance guidance_of(std::string_view code) {
  const Entry* best = std::begin(entries);
  for (const Entry& entry : entries)
    if (code.substr(0, entry.beginning.size()) == entry.beginning && entry.beginning.size() >= best->beginning.size())
      best = &entry;
  return {best->beginning, best->safe.zh, best->safe.en, best->seen.zh, best->seen.en};
}

}  // namespace qianzhi
