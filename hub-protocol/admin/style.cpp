#include "hub-protocol/html/style.h"

#include "hub-protocol/admin/pages.h"

namespace qianzhi::admin {

namespace {

constexpr std::string_view own_style = R"css(
.field label small { display: inline; font-weight: normal; }
.usage { margin-bottom: 12px; }
.card + .more, .verbs, .after { margin-top: 12px; }
td:first-child bdi { white-space: nowrap; }
.office input.long, .office textarea {
  max-width: 100%; font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 14px;
}
details { margin-top: 10px; }
.secret { font-size: 19px; letter-spacing: 1px; user-select: all; }
.pairs {
  display: block; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 10px 18px;
  max-width: 860px;
}
.pairs div { padding: 4px 0; }
.pairs dt { min-width: 220px; }
.verbs { list-style: none; columns: 2 420px; column-gap: 32px; }
.verbs li { break-inside: avoid; padding: 5px 0; border-bottom: 1px solid var(--line); }
.verbs .other > span { color: var(--soft); }
article h2 { font-size: 15px; margin-bottom: 2px; }
td small { white-space: nowrap; }
pre {
  background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; overflow-x: auto;
  font: 14px/1.5 ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; white-space: pre-wrap;
}
section h2 { margin-top: 4px; }
)css";

}  // namespace

std::string page_style() { return html::office_style() + std::string(own_style); }

}  // namespace qianzhi::admin
