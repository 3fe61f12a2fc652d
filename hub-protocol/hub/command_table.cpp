#include "hub-protocol/hub/command_table.h"

#include <map>

namespace qianzhi::hub {

namespace {

using Texts = std::map<std::string_view, std::string_view>;

constexpr LocalVerb local_table[] = {
    {"check", "", "检查配置 / check the configuration"},
    {"export", "DIR [AGENT [TOPIC]]", "导出日志供审计 / write the log as files for an auditor"},
    {"catalogue check", "DIR [--encoding utf-8|gb18030]", "检查目录文件夹 / check a folder (YAML or CSV)"},
    {"catalogue diff", "DIR [DIR2] [--encoding utf-8|gb18030]",
     "与现行目录或另一文件夹比较 / compare with the one in force, or with another folder"},
    {"catalogue export", "DIR [--csv]", "导出现行目录 / write the one in force as files"},
    {"catalogue import", "DIR [--encoding utf-8|gb18030] [--replace] [--accept-incompatible]",
     "导入到登记簿 / put a folder into the registry"},
    {"catalogue accept", "",
     "接受不兼容的改变，中心停止时也可用 / accept incompatible changes, also while the hub is "
     "stopped"},
    {"ca init",
     "--out DIR --root-out FILE --names HOST,IP --organisation NAME [--signing ed25519|ecdsa-p256|sm2] [--write FILE] "
     "[--catalogue DIR] [--listen HOST:PORT]",
     "建立交换中心的 CA 与全部密钥；根密钥写入文件，取走离线保存 / make the exchange's CA and keys; take the root's "
     "key "
     "away"},
    {"ca hub-certificate", "--root-key FILE --root FILE --names HOST,IP --out DIR",
     "用根密钥给中心换发证书（新密钥，写入新目录） / a new certificate and key for the hub, into a new folder"},
    {"ca issuing", "--root-key FILE --root FILE --organisation NAME --out DIR",
     "用根密钥另立签发 CA / another issuing authority below the same root"},
    {"ca directory-key", "--root-key FILE --number N --out DIR",
     "目录密钥遗失或被盗时，用离线根密钥另立一把；N 逐次加一 / another directory key when it was lost or stolen; N "
     "grows "
     "by one each time"},
};

const Texts& groups() {
  static const Texts texts = {{"access", "访问申请 / requests for access"},
                              {"account", "管理账户 / accounts of administration"},
                              {"agent", "前置机代理 / agents"},
                              {"ca", "证书与密钥的建立 / making certificates and keys"},
                              {"catalogue", "目录 / the catalogue"},
                              {"certificate", "证书 / certificates"},
                              {"department", "部门 / departments"},
                              {"directory-key", "目录密钥 / directory keys"},
                              {"grant", "授权 / grants"},
                              {"key", "前置机的密钥 / keys of agents"},
                              {"objection", "数据异议 / objections to data"},
                              {"policy", "双人规则 / rules for two persons"},
                              {"provision", "数据提供者 / providers"}};
  return texts;
}

const Texts& options() {
  static const Texts texts = {{"accept-configuration", "以配置文件为准 / let the configuration file stand"},
                              {"accept-incompatible", "接受不兼容的改变 / accept incompatible changes"},
                              {"action", "仅此操作 / this action only"},
                              {"actor", "仅此人 / this person only"},
                              {"address", "代理连接中心的地址 / where agents reach the hub"},
                              {"after", "从此序号之后 / behind this sequence number"},
                              {"basis", "法律依据 / legal basis"},
                              {"by", "按这些项汇总 / sums by these"},
                              {"csv", "CSV 格式 / as CSV"},
                              {"department", "部门 / department"},
                              {"encoding", "文件编码 / encoding of the files"},
                              {"from", "起始日期，或读取的文件 / first day, or a file to read"},
                              {"from-network", "只允许此网段使用 / to be used from this network only"},
                              {"groups", "分组（如区划代码） / groups, such as area codes"},
                              {"items", "数据项，逗号分隔 / items, separated by commas"},
                              {"limit", "最多显示 / at most"},
                              {"listen", "监听地址 / address to listen on"},
                              {"catalogue", "目录文件夹 / folder of the catalogue"},
                              {"write", "写出 hub.yaml / write hub.yaml"},
                              {"names", "主机名和地址，逗号分隔 / host names and addresses, separated by commas"},
                              {"number", "第几把 / which one"},
                              {"open", "仅未办结的 / only open ones"},
                              {"organisation", "机构名称 / name of the organisation"},
                              {"out", "写入的文件夹 / folder to write to"},
                              {"purpose", "用途 / purpose"},
                              {"reason", "理由 / reason"},
                              {"receiver", "接收部门 / receiving department"},
                              {"replace", "整体替换 / replace all"},
                              {"role", "角色 / role"},
                              {"root", "根证书 / root certificate"},
                              {"root-key", "根密钥 / root key"},
                              {"root-out", "根密钥写入此文件 / the root's key goes to this file"},
                              {"sender", "提供部门 / sending department"},
                              {"signing", "签名算法 / algorithm of signatures"},
                              {"subject", "仅涉及此对象 / of this subject only"},
                              {"title", "名称 / title"},
                              {"title-en", "英文名称 / title in English"},
                              {"to", "截止日期 / last day"},
                              {"topic", "主题 / topic"},
                              {"unix-user", "对应的本机用户 / user of this machine"},
                              {"until", "有效期至 / last day of validity"},
                              {"why", "原因类别 / kind of reason"}};
  return texts;
}

std::string found_in(const Texts& texts, std::string_view name) {
  const auto found = texts.find(name);
  return found == texts.end() ? std::string() : std::string(found->second);
}

}  // namespace

std::span<const LocalVerb> local_verbs() { return local_table; }

std::string group_text(std::string_view group) {
  const std::string text = found_in(groups(), group);
  return text.empty() ? "管理 / administration" : text;
}

std::string option_text(std::string_view option) { return found_in(options(), option); }

Consent consent_for(std::string_view verb) {
  if (verb == "agent revoke") return Consent::yes_and_reason;
  for (const std::string_view one :
       {"key revoke", "directory-key rotate", "recover", "account remove", "department remove"})
    if (verb == one) return Consent::yes;
  return Consent::none;
}

}  // namespace qianzhi::hub
