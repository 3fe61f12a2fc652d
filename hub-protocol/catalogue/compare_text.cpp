// What each kind of change is called, and of incompatible ones what follows and what to do.
#include "hub-protocol/catalogue/compare.h"

namespace qianzhi::catalogue {

namespace {

struct Wording {
  std::string_view name;
  std::string_view consequence = {};
  std::string_view cure = {};
};

constexpr std::string_view new_topic =
    "保留原定义；确需改变时另建一个主题，待接收部门改用后再撤销旧主题 / keep it as it was; if it must change, make a "
    "new "
    "topic and remove the old one once its receivers have moved";

Wording compatible_wording(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::topic_added: return {"新主题 / a new topic"};
    case ChangeKind::texts: return {"名称或说明改变 / titles or descriptions"};
    case ChangeKind::sharing_relaxed: return {"共享类型放宽 / shared more widely"};
    case ChangeKind::sharing_tightened_on_basis:
      return {"共享类型依新的依据收紧 / shared less widely, on another legal basis"};
    case ChangeKind::publishing_ended: return {"不再允许公开 / may no longer be published"};
    case ChangeKind::item_added: return {"新的选填数据项 / a new optional item"};
    case ChangeKind::item_order: return {"数据项顺序改变 / the order of items"};
    case ChangeKind::item_texts: return {"数据项名称改变 / titles of an item"};
    case ChangeKind::item_longer: return {"长度变长 / longer"};
    case ChangeKind::item_no_longer_required: return {"不再必填 / no longer required"};
    case ChangeKind::item_check: return {"校验改变，只记录 / other checks, which only count"};
    case ChangeKind::item_personal: return {"个人信息标记改变 / the mark of personal data"};
    case ChangeKind::code_table_added: return {"新代码表 / a new code table"};
    case ChangeKind::code_table_removed: return {"删去不再使用的代码表 / a code table that nothing uses is gone"};
    case ChangeKind::code_table_texts: return {"代码表说明改变 / the description of a code table"};
    case ChangeKind::codes_added: return {"新代码 / new codes"};
    case ChangeKind::codes_changed: return {"代码的名称或有效期改变 / titles or dates of codes"};
    default: return {};
  }
}

Wording item_wording(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::required_item_added:
      return {"新的必填数据项 / a new required item",
              "提供部门没有映射它之前，发布会停止 / its provider stops until it maps the item",
              "先作为选填项加入，提供部门补齐后再改为必填 / add it as optional, make it required once the provider "
              "fills it"};
    case ChangeKind::item_removed:
      return {"数据项被删去 / an item is gone",
              "接收部门的该列不再更新，映射它的代理拒绝启动该发布 / receivers get no more values of it, and agents "
              "that map it "
              "refuse the publication",
              new_topic};
    case ChangeKind::item_type:
      return {"类型改变 / another type", "接收部门的列类型不符，写入失败 / the receivers' columns do not fit",
              new_topic};
    case ChangeKind::item_shorter:
      return {"长度变短 / shorter", "超过新长度的值会使整行被隔离 / longer values put their rows aside",
              "保留原长度 / keep the length"};
    case ChangeKind::item_now_required:
      return {"变为必填 / required now",
              "没有值的行会被隔离，没有映射它的发布会停止 / rows without a value are put aside, and "
              "publications that do not map it stop",
              "先与提供部门核对，补齐后再改 / see with the provider that every row has one first"};
    case ChangeKind::item_check_quarantines:
      return {
          "校验不符的行将被隔离 / rows that fail a check are put aside",
          "原来通过的行可能被隔离 / rows that passed before may be put aside",
          "先只记录（去掉 check_quarantines），看清数量后再改 / let it count only at first, to see how many there are"};
    case ChangeKind::codes_removed:
      return {"代码被删去 / codes are gone",
              "历史数据中的这些代码变成未知 / they become unknown in the data that uses them",
              "保留代码，写上撤销日 until / keep them and state the day of abolition (until)"};
    default: return compatible_wording(kind);
  }
}

Wording wording_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::topic_removed:
      return {
          "主题被删去 / a topic is gone",
          "提供部门停止发送，接收部门不再得到更新，已收到的数据会逐渐过时 / its provider stops sending, its receivers "
          "get no more changes, and what they hold grows old",
          "先收回授权并通知接收部门，再删去 / end its grants and tell its receivers first"};
    case ChangeKind::sharing_tightened:
      return {"共享类型收紧而依据未变 / shared less widely on the same legal basis",
              "《政务数据共享条例》（国务院令第809号）不允许随意收紧 / Order 809 of the State Council does not allow "
              "it at will",
              "写明新的法律依据（basis），或保留原共享类型 / state the new legal basis, or keep the sharing class"};
    case ChangeKind::publishing_began:
      return {
          "变为允许公开 / may be published now",
          "其数据可以离开政务部门，收不回来 / its data may leave the departments and cannot be called back",
          "确认没有个人信息和限制公开的内容后再接受 / accept it once it is sure that nothing in it must stay inside"};
    case ChangeKind::mode:
      return {"state/event 改变 / another mode",
              "接收部门的表按旧方式写入，结果会错 / the receivers' tables are written the old way", new_topic};
    case ChangeKind::key:
      return {"主键改变 / another key",
              "接收部门按旧主键更新和删除，会留下重复或多余的行 / receivers update and delete by the old "
              "key, which leaves rows twice or behind",
              new_topic};
    case ChangeKind::partition:
      return {"分区数据项改变 / another partition item",
              "按区县的授权不再对应同样的行，须全部重新补数 / grants by district cover other rows; everything must be "
              "refilled",
              new_topic};
    default: return item_wording(kind);
  }
}

std::string paragraph(const Difference& difference) {
  const Wording wording = wording_of(difference.kind);
  std::string text =
      (is_compatible(difference.kind) ? "✓ " : "✕ ") + difference.place + "  " + std::string(wording.name);
  if (!difference.before.empty() || !difference.after.empty())
    text += ": " + difference.before + " → " + difference.after;
  text += "\n";
  if (!wording.consequence.empty()) text += "    后果 consequence: " + std::string(wording.consequence) + "\n";
  if (!wording.cure.empty()) text += "    处理 cure: " + std::string(wording.cure) + "\n";
  return text;
}

}  // namespace

std::string render(const std::vector<Difference>& differences) {
  std::string text;
  for (const bool compatible : {false, true})
    for (const Difference& difference : differences)
      if (is_compatible(difference.kind) == compatible) text += paragraph(difference);
  return text;
}

}  // namespace qianzhi::catalogue
