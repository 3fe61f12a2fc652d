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

constexpr std::string_view office = R"css(
body.office { max-width: none; padding: 0; margin: 0; min-height: 100vh; display: flex; flex-direction: column; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 12px; top: 8px; z-index: 3; background: var(--sheet); padding: 6px 12px; }
:focus-visible { outline: 2px solid var(--busy); outline-offset: 2px; border-radius: 3px; }
.office header {
  align-items: center; flex-wrap: wrap; gap: 10px 24px; margin: 0; padding: 12px 24px; background: var(--sheet);
  border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 2;
}
.brand { display: flex; gap: 12px; align-items: center; min-width: 0; }
.brand img { flex: none; display: block; }
.brand .product { font-size: 19px; line-height: 1.3; font-weight: bold; color: var(--ink); }
.who { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; font-size: 14px; text-align: left; }
.who span { color: var(--soft); }
.frame { display: flex; flex: 1; align-items: flex-start; width: 100%; max-width: 1560px; }
.frame nav { flex: none; width: 184px; position: sticky; top: 64px; padding: 20px 0 20px 12px; }
.frame nav ul { list-style: none; }
.frame nav a {
  display: block; padding: 7px 12px; color: var(--ink); text-decoration: none; border-radius: 6px;
}
.frame nav a:hover { background: var(--hover); }
.frame nav a[aria-current] { background: var(--busy-tint); color: var(--busy); font-weight: bold; }
.frame main { flex: 1; min-width: 0; padding: 20px 24px 32px; }
main > h1 { margin-bottom: 14px; font-size: 20px; }
.office footer { margin: 0; padding: 12px 24px 20px; border-top: 1px solid var(--line); }
.alone { justify-content: center; }
.alone main { flex: 0 1 460px; padding-top: 9vh; }
.narrow { max-width: 460px; }
.office .verdict { display: flex; gap: 8px 32px; align-items: flex-start; padding: 18px 22px; border-radius: 8px; }
.verdict .word { display: flex; align-items: center; gap: 12px; flex: none; font-size: 26px; line-height: 1.25; }
.verdict .word .sign { font-size: 24px; }
.verdict .word strong { margin: 0; }
.verdict .body { min-width: 0; flex: 1; }
.verdict .sentence { font-size: 17px; margin-top: 3px; }
.verdict .body > * + * { margin-top: 6px; }
.notice p, .verdict p, .verdict small, .notice small { color: var(--ink); }
.verdict dl { flex-direction: column; gap: 3px; }
.verdict dl div { gap: 12px; }
.verdict dt { flex: none; min-width: 3.2em; }
.notice { border-left: 6px solid; border-radius: 8px; padding: 10px 16px; margin-bottom: 14px; max-width: 860px; }
.notice.fail { border-color: var(--fail); background: var(--fail-tint); }
.notice.warn { border-color: var(--warn); background: var(--warn-tint); }
.notice.busy { border-color: var(--busy); background: var(--busy-tint); }
.notice.ok { border-color: var(--ok); background: var(--ok-tint); }
.notice.fail strong { color: var(--fail); }
.notice.warn strong { color: var(--warn); }
.notice.busy strong { color: var(--busy); }
.notice.ok strong { color: var(--ok); }
.findings { list-style: none; margin-top: 10px; }
.findings li {
  background: var(--sheet); border: 1px solid var(--line); border-left: 4px solid var(--warn); border-radius: 8px;
  padding: 9px 16px; margin-top: 8px; color: var(--ink);
}
.findings li.fail { border-left-color: var(--fail); }
.findings .state { margin-right: 8px; }
.findings li.warn .state { color: var(--warn); }
.findings li.fail .state { color: var(--fail); }
.findings .action { margin-left: 8px; }
.figures {
  list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 12px;
  margin-top: 18px;
}
.figures a {
  display: flex; flex-direction: column; height: 100%; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 8px; padding: 10px 14px; text-decoration: none; color: var(--ink); overflow-wrap: normal;
}
.figures a:hover { border-color: var(--busy); }
.figures b { order: 2; font-size: 22px; line-height: 1.35; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: 14px; }
.card, .list li, .office article, .office details.card {
  background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 14px 18px; max-width: 860px;
}
.list { list-style: none; }
.list li { padding: 10px 16px; margin-top: 8px; }
.card p + p, .card form { margin-top: 10px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 14px 0 0; }
.office button, .action {
  font: inherit; padding: 5px 14px; min-height: 34px; border-radius: 6px; border: 1px solid var(--busy);
  background: var(--busy); color: var(--sheet); cursor: pointer; text-decoration: none; display: inline-block;
}
.office button:hover, .action:hover { filter: brightness(1.08); }
.action, .office button.quiet {
  background: var(--sheet); color: var(--ink); border-color: var(--edge); font-size: 14px; padding: 4px 12px;
  min-height: 32px;
}
.action:hover, .office button.quiet:hover { border-color: var(--busy); color: var(--busy); filter: none; }
.field label { display: block; font-weight: bold; }
.field small { display: block; }
.flag { display: flex; gap: 8px; align-items: center; }
.office input:not([type=hidden]), .office textarea, .office select {
  font: inherit; width: 100%; max-width: 420px; padding: 5px 10px; min-height: 34px; color: var(--ink);
  background: var(--ground); border: 1px solid var(--edge); border-radius: 6px;
}
.office input[type=checkbox], .office input[type=radio] { width: auto; min-height: 0; }
.office textarea { max-width: 100%; }
summary { cursor: pointer; color: var(--busy); font-weight: bold; }
.wide { border: 1px solid var(--line); border-radius: 8px; background: var(--sheet); }
.office table { border: 0; font-variant-numeric: tabular-nums; }
.office th, .office td { border: 0; border-bottom: 1px solid var(--line); padding: 8px 12px; }
.office td { overflow-wrap: break-word; }
.office thead th { background: var(--head); white-space: nowrap; }
.office tbody tr:last-child > * { border-bottom: 0; }
.office tbody tr:hover > * { background: var(--hover); }
.office caption { text-align: left; font-size: 17px; font-weight: bold; padding: 10px 12px; color: var(--ink); }
.none { color: var(--soft); }
p.none {
  background: var(--sheet); border: 1px dashed var(--line); border-radius: 8px; padding: 20px; text-align: center;
}
@media (max-width: 900px) {
  .office header { position: static; padding: 12px 16px; }
  .frame { display: block; }
  .frame nav { width: auto; position: static; padding: 8px 12px 0; }
  .frame nav ul { display: flex; gap: 4px; overflow-x: auto; }
  .frame nav a { white-space: nowrap; }
  .frame main { padding: 14px 16px 28px; }
  .office .verdict { flex-direction: column; }
}
@media (max-width: 560px) {
  .office table, .office caption, .office tbody, .office tr, .office td { display: block; }
  .office thead { display: none; }
  .office tr { border-bottom: 1px solid var(--line); padding: 8px 0; }
  .office tbody tr:last-child { border-bottom: 0; }
  .office tbody th { display: block; border: 0; padding: 2px 12px; white-space: normal; color: var(--ink); }
  .office td { border: 0; padding: 2px 12px; text-align: left; display: flex; gap: 12px; }
  .office td > div { min-width: 0; }
  .office td[data-label]::before { content: attr(data-label); color: var(--soft); flex: none; width: 7em; }
  .office td, .office td.n, .office td small, .office td bdi { white-space: normal; }
  .office td:empty, .office td:has(> div:empty) { display: none; }
  .figures { grid-template-columns: 1fr 1fr; }
  .office dl, .office dl div { flex-wrap: wrap; }
  .verdict dl div { flex-direction: column; gap: 0; }
}
)css";

}  // namespace

std::string_view base_style() { return style; }
std::string office_style() { return std::string(style) + std::string(office); }

}  // namespace qianzhi::html
