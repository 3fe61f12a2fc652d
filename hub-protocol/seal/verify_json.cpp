#include <cstdio>

#include "hub-protocol/seal/verify.h"
#include "hub-protocol/seal/wire_codec.h"

namespace qianzhi::seal {

namespace {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::good: return "good";
    case Verdict::tampered: return "tampered";
    case Verdict::incomplete: return "incomplete";
    case Verdict::untrusted: return "untrusted";
    case Verdict::malformed: return "malformed";
    case Verdict::could_not_check: return "could_not_check";
  }
  return "could_not_check";
}

// File names need not be UTF-8; JSON must be. Octets of such a name are shown as \xNN.
void put_string(std::string& out, std::string_view text) {
  const bool utf8 = is_utf8(text);
  out.push_back('"');
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    char escaped[8];
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (octet < 0x20 || octet == 0x7F) {
      std::snprintf(escaped, sizeof escaped, "\\u%04x", octet);
      out.append(escaped);
    } else if (octet >= 0x80 && !utf8) {
      std::snprintf(escaped, sizeof escaped, "\\\\x%02x", octet);
      out.append(escaped);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void put_member(std::string& out, std::string_view name, std::string_view text) {
  put_string(out, name);
  out.push_back(':');
  put_string(out, text);
}

}  // namespace

std::string to_json(const VerifyReport& report) {
  std::string out = "{";
  put_member(out, "verdict", name_of(report.verdict));
  out.append(",\"batches\":").append(std::to_string(report.batches));
  out.append(",\"rows\":").append(std::to_string(report.rows));
  if (report.entries != 0 || report.checkpoints != 0)
    out.append(",\"entries\":")
        .append(std::to_string(report.entries))
        .append(",\"checkpoints\":")
        .append(std::to_string(report.checkpoints))
        .append(",\"receipts\":")
        .append(std::to_string(report.receipts));
  out.append(",\"findings\":[");
  for (const Finding& finding : report.findings) {
    if (&finding != &report.findings.front()) out.push_back(',');
    out.push_back('{');
    put_member(out, "verdict", name_of(finding.verdict));
    out.push_back(',');
    put_member(out, "file", finding.file);
    out.push_back(',');
    put_member(out, "code", finding.code);
    out.push_back(',');
    put_member(out, "detail", finding.detail);
    out.push_back('}');
  }
  return out.append("]}");
}

}  // namespace qianzhi::seal
