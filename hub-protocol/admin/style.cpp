#include "hub-protocol/html/style.h"

#include "hub-protocol/admin/pages.h"

namespace qianzhi::admin {

namespace {

constexpr std::string_view own_style = R"css(
.skip { position: absolute; left: -999px; }
.skip:focus { left: 16px; top: 4px; background: var(--sheet); padding: 4px 10px; z-index: 1; }
:focus-visible { outline: 3px solid var(--busy); outline-offset: 2px; }
header { align-items: center; margin-bottom: 8px; flex-wrap: wrap; gap: 8px 24px; }
header .product { font-size: 17px; font-weight: bold; color: var(--ink); }
.who { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; font-size: 14px; }
.who span { color: var(--soft); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 2px; border-bottom: 1px solid var(--line); }
nav a { display: block; padding: 7px 12px; text-decoration: none; color: var(--ink); border-radius: 4px 4px 0 0; }
nav a:hover { background: var(--sheet); text-decoration: underline; }
nav a[aria-current] {
  background: var(--sheet); border: 1px solid var(--line); border-bottom-color: var(--sheet); margin-bottom: -1px;
  font-weight: bold; box-shadow: inset 0 3px 0 var(--busy);
}
main { margin-top: 18px; }
main > h1 { margin-bottom: 12px; }
button, .action {
  font: inherit; padding: 5px 14px; border-radius: 4px; border: 1px solid var(--busy); background: var(--busy);
  color: var(--sheet); cursor: pointer; text-decoration: none; display: inline-block;
}
button:hover, .action:hover { filter: brightness(1.12); }
.action { background: var(--sheet); color: var(--busy); font-size: 14px; padding: 3px 10px; }
button.quiet { background: none; color: var(--busy); border-color: var(--line); padding: 2px 10px; font-size: 14px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 8px 0; }
.card {
  background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; padding: 14px 18px; max-width: 860px;
}
.narrow { max-width: 420px; }
.card p + p, .card form { margin-top: 10px; }
.field label { display: block; font-weight: bold; }
.field small { display: block; }
.field label small { display: inline; font-weight: normal; }
.usage { margin-bottom: 12px; }
.card + .more, .verbs, .after { margin-top: 12px; }
.flag { display: flex; gap: 8px; align-items: center; }
.field.flag input { width: auto; }
td:first-child bdi { white-space: nowrap; }
input:not([type=hidden]), textarea, select {
  font: inherit; width: 100%; max-width: 420px; padding: 6px 9px; color: var(--ink); background: var(--ground);
  border: 1px solid var(--soft); border-radius: 4px;
}
input.long, textarea { max-width: 100%; font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 14px; }
details { margin-top: 10px; }
summary { cursor: pointer; color: var(--busy); }
.notice { border-left: 6px solid; border-radius: 4px; padding: 10px 16px; margin-bottom: 14px; }
.notice p, .verdict p { color: var(--ink); }
.notice.fail { border-color: var(--fail); background: var(--fail-tint); }
.notice.warn { border-color: var(--warn); background: var(--warn-tint); }
.notice.busy { border-color: var(--busy); background: var(--busy-tint); }
.notice.ok { border-color: var(--ok); background: var(--ok-tint); }
.notice.fail strong { color: var(--fail); }
.notice.warn strong { color: var(--warn); }
.notice.busy strong { color: var(--busy); }
.notice.ok strong { color: var(--ok); }
.secret { font-size: 19px; letter-spacing: 1px; user-select: all; }
.findings { list-style: none; margin-top: 10px; }
.findings li {
  background: var(--sheet); border: 1px solid var(--line); border-left: 6px solid var(--warn); border-radius: 4px;
  padding: 7px 14px; margin-top: 6px; color: var(--ink);
}
.findings li.fail { border-left-color: var(--fail); }
.findings .state { margin-right: 8px; }
.findings .warn .state, .findings li.warn .state { color: var(--warn); }
.findings li.fail .state { color: var(--fail); }
.findings .action { margin-left: 8px; }
.figures { list-style: none; display: flex; flex-wrap: wrap; gap: 10px; margin-top: 18px; }
.figures a {
  display: block; min-width: 128px; background: var(--sheet); border: 1px solid var(--line); border-radius: 4px;
  padding: 8px 14px; text-decoration: none; color: var(--ink);
}
.figures a:hover { border-color: var(--busy); }
.figures b { display: block; font-size: 24px; line-height: 1.3; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: 14px; }
.pairs { display: block; }
.pairs div { padding: 3px 0; }
.pairs dt { min-width: 220px; }
.verbs { list-style: none; columns: 2 420px; column-gap: 32px; }
.verbs li { break-inside: avoid; padding: 4px 0; border-bottom: 1px solid var(--line); }
.verbs .other > span { color: var(--soft); }
article h2 { font-size: 15px; margin-bottom: 2px; }
td small { white-space: nowrap; }
.none { color: var(--soft); }
pre {
  background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; padding: 10px 14px; overflow-x: auto;
  font: 14px/1.5 ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; white-space: pre-wrap;
}
section h2 { margin-top: 4px; }
)css";

}  // namespace

std::string page_style() { return std::string(html::base_style()) + std::string(own_style); }

}  // namespace qianzhi::admin
