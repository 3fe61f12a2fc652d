#include "hub-protocol/html/style.h"

namespace qianzhi::html {

namespace {

constexpr std::string_view style = R"css(:root {
  color-scheme: light dark;
  --ink: #1c2328; --soft: #55616b; --line: #dbe1e6; --edge: #8a96a0; --ground: #f4f6f8; --sheet: #fff;
  --head: #f8fafb; --hover: #eef2f5;
  --ok: #176b3a; --busy: #1b5fa8; --wait: #55616b; --warn: #8a5200; --fail: #b3201b;
  --ok-tint: #e8f4ec; --busy-tint: #e8f0f9; --wait-tint: #eceff2; --warn-tint: #fcf2df; --fail-tint: #fbe9e8;
}
:root[data-theme=light] { color-scheme: light; }
@media (prefers-color-scheme: dark) {
  :root:not([data-theme=light]) {
    --ink: #e4e8eb; --soft: #a3aeb7; --line: #333c43; --edge: #6f7b85; --ground: #14181b; --sheet: #1c2226;
    --head: #20272c; --hover: #252d32;
    --ok: #6cc48d; --busy: #7fb4ec; --wait: #a3aeb7; --warn: #e3ae55; --fail: #f28b84;
    --ok-tint: #1b2c22; --busy-tint: #1b2733; --wait-tint: #242b30; --warn-tint: #312818; --fail-tint: #351f1e;
  }
}
:root[data-theme=dark] {
  color-scheme: dark;
  --ink: #e4e8eb; --soft: #a3aeb7; --line: #333c43; --edge: #6f7b85; --ground: #14181b; --sheet: #1c2226;
  --head: #20272c; --hover: #252d32;
  --ok: #6cc48d; --busy: #7fb4ec; --wait: #a3aeb7; --warn: #e3ae55; --fail: #f28b84;
  --ok-tint: #1b2c22; --busy-tint: #1b2733; --wait-tint: #242b30; --warn-tint: #312818; --fail-tint: #351f1e;
}
* { box-sizing: border-box; }
body {
  font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "WenQuanYi Micro Hei",
    sans-serif;
  margin: 0 auto; padding: 16px 24px 32px; max-width: 1440px; color: var(--ink); background: var(--ground);
  overflow-wrap: anywhere;
}
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
h1 { font-size: 22px; line-height: 1.3; }
h2 { font-size: 17px; margin: 0 0 8px; }
h3 { font-size: 14px; font-weight: normal; color: var(--soft); }
small, code, footer, header p { font-size: 14px; }
small, footer, header p, .more { color: var(--soft); }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
.next code, article code { background: var(--ground); border-radius: 3px; padding: 1px 5px; }
a { color: var(--busy); }
header { display: flex; justify-content: space-between; gap: 24px; margin-bottom: 14px; }
header > div + div { text-align: right; flex: none; }
.verdict { background: var(--sheet); border-left: 6px solid; border-radius: 4px; padding: 12px 16px; }
.verdict p:first-child { font-size: 17px; }
.verdict strong { margin-right: 6px; }
.verdict .next { margin-top: 4px; }
.verdict.ok, .verdict.well { border-color: var(--ok); background: var(--ok-tint); }
.verdict.busy, .verdict.starting { border-color: var(--busy); background: var(--busy-tint); }
.verdict.warn, .verdict.attention { border-color: var(--warn); background: var(--warn-tint); }
.verdict.fail, .verdict.failed { border-color: var(--fail); background: var(--fail-tint); }
.verdict.wait { border-color: var(--wait); background: var(--wait-tint); }
.well strong, .verdict.ok .word, .verdict.ok strong, .ok .state, .state.ok { color: var(--ok); }
.starting strong, .verdict.busy .word, .verdict.busy strong, span.busy { color: var(--busy); }
.attention strong, .verdict.warn .word, .verdict.warn strong, span.warn { color: var(--warn); }
.failed strong, .verdict.fail .word, .verdict.fail strong, span.fail { color: var(--fail); }
.state { font-weight: bold; white-space: nowrap; }
.state.wait, .state.unknown { color: var(--wait); }
.path { display: flex; gap: 22px; list-style: none; margin: 14px 0 0; }
.path li {
  position: relative; flex: 1; min-width: 0; color: var(--ink); background: var(--sheet);
  border: 1px solid var(--line); border-top: 4px solid var(--wait); border-radius: 4px; padding: 8px 12px;
}
.path li + li::before { content: "→"; position: absolute; left: -20px; top: 24px; color: var(--soft); }
.path li.ok { border-top-color: var(--ok); }
.path li.busy { border-top-color: var(--busy); }
.path li.warn { border-top-color: var(--warn); }
.path li.fail { border-top-color: var(--fail); }
.path .more { font-size: 14px; }
#path-in li { flex: 0 1 calc(40% - 13px); }
dl { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 14px 0 0; }
dl div { display: flex; gap: 6px; }
dt { color: var(--soft); }
section { margin-top: 20px; }
section.verdict { margin-top: 0; }
article {
  background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; padding: 8px 14px; margin-top: 8px;
}
article ul { padding-left: 22px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--sheet); font-size: 14px; }
th, td { border: 1px solid var(--line); padding: 5px 9px; text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: normal; overflow-wrap: normal; word-break: keep-all; }
.n { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
td.n, .whole, td code { white-space: nowrap; }
.name { overflow-wrap: break-word; }
footer { margin-top: 24px; }
body.door { max-width: 620px; padding-top: 12vh; }
.door p, .door pre { margin-top: 12px; }
.door input {
  font: inherit; color: inherit; width: 100%; max-width: 24em; padding: 6px 10px; background: var(--sheet);
  border: 1px solid var(--edge); border-radius: 4px;
}
.door button {
  font: inherit; padding: 5px 18px; border-radius: 4px; border: 1px solid var(--busy); background: var(--busy);
  color: var(--sheet); cursor: pointer;
}
.door pre { background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; padding: 12px 16px; }
)css";

}  // namespace

std::string_view base_style() { return style; }

}  // namespace qianzhi::html
