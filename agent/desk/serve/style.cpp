#include "hub-protocol/html/style.h"

#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

// Names and measures are those of the operator's page of the hub.
constexpr std::string_view desk_style = R"css(
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 16px; top: 4px; background: var(--sheet); padding: 4px 10px; z-index: 1; }
:focus-visible { outline: 3px solid var(--busy); outline-offset: 2px; }
header { align-items: center; margin-bottom: 8px; flex-wrap: wrap; gap: 8px 24px; }
header .product { font-size: 17px; font-weight: bold; color: var(--ink); }
header .product small { font-weight: normal; margin-left: 8px; }
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
main > .wide, main > form + .wide { margin-top: 14px; }
caption { text-align: left; font-size: 17px; font-weight: bold; padding: 0 0 8px; color: var(--ink); }
tbody tr:hover td { background: var(--ground); }
mark { background: var(--warn-tint); color: var(--ink); padding: 0 2px; }
button, .action {
  font: inherit; padding: 5px 14px; border-radius: 4px; border: 1px solid var(--busy); background: var(--busy);
  color: var(--sheet); cursor: pointer; text-decoration: none; display: inline-block;
}
button:hover, .action:hover { filter: brightness(1.12); }
.action { background: var(--sheet); color: var(--busy); font-size: 14px; padding: 3px 10px; }
button.quiet { background: none; color: var(--busy); border-color: var(--line); padding: 2px 10px; font-size: 14px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 14px 0 0; }
td .actions { margin: 0; flex-wrap: nowrap; }
.card {
  background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; padding: 14px 18px; max-width: 860px;
}
.narrow { max-width: 420px; }
.card p + p, .card form, fieldset + p { margin-top: 10px; }
.field label, legend { display: block; font-weight: bold; }
.field small { display: block; }
.after { margin-top: 12px; }
.lead { margin-bottom: 14px; font-size: 16px; }
.flag { display: flex; gap: 8px; align-items: center; }
.flag label, .field.flag label { font-weight: normal; }
fieldset { border: 0; margin: 0; padding: 0; }
input:not([type=hidden]), textarea, select {
  font: inherit; width: 100%; max-width: 420px; padding: 6px 9px; color: var(--ink); background: var(--ground);
  border: 1px solid var(--soft); border-radius: 4px;
}
input[type=checkbox], input[type=radio] { width: auto; }
textarea { max-width: 100%; }
.filters {
  display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: end; background: var(--sheet);
  border: 1px solid var(--line); border-radius: 4px; padding: 10px 14px;
}
.filters + .filters { border-top: 0; border-radius: 0 0 4px 4px; }
.filters input:not([type=hidden]), .filters select { width: auto; min-width: 110px; max-width: 260px; }
.filters input:not([type=hidden]):not([type=checkbox]), .filters select, .filters button { height: 36px; }
.filters input[type=checkbox] { min-width: 0; }
.title { display: inline-block; min-width: 120px; }
.filters .field label { font-weight: normal; font-size: 14px; color: var(--soft); }
.filters .flag { padding-bottom: 6px; }
.tabs { display: flex; flex-wrap: wrap; gap: 4px 8px; margin: 14px 0; }
.tabs a {
  padding: 3px 12px; border: 1px solid var(--line); border-radius: 14px; background: var(--sheet);
  text-decoration: none; font-size: 14px;
}
.tabs a[aria-current] { border-color: var(--busy); box-shadow: inset 0 0 0 1px var(--busy); font-weight: bold; }
.works details { margin-top: 8px; padding: 8px 18px; }
details[open] { padding-bottom: 14px; }
summary { cursor: pointer; color: var(--busy); font-weight: bold; }
.notice { border-left: 6px solid; border-radius: 4px; padding: 10px 16px; margin-bottom: 14px; }
.notice p, .verdict p { color: var(--ink); }
.notice.fail { border-color: var(--fail); background: var(--fail-tint); }
.notice.warn { border-color: var(--warn); background: var(--warn-tint); }
.notice.ok { border-color: var(--ok); background: var(--ok-tint); }
.notice.fail strong { color: var(--fail); }
.notice.warn strong { color: var(--warn); }
.notice.ok strong { color: var(--ok); }
.verdict small, .notice small { color: var(--ink); }
.findings { list-style: none; margin-top: 10px; }
.findings li {
  background: var(--sheet); border: 1px solid var(--line); border-left: 6px solid var(--warn); border-radius: 4px;
  padding: 7px 14px; margin-top: 6px; color: var(--ink);
}
.findings li.fail { border-left-color: var(--fail); }
.figures { list-style: none; display: flex; flex-wrap: wrap; gap: 10px; margin-top: 14px; }
.figures a {
  display: block; min-width: 118px; background: var(--sheet); border: 1px solid var(--line); border-radius: 4px;
  padding: 8px 14px; text-decoration: none; color: var(--ink);
}
.figures a:hover { border-color: var(--busy); }
.figures b { display: block; font-size: 24px; line-height: 1.3; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: 14px; }
dl.pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); gap: 4px 28px; max-width: none; }
.pairs dt { min-width: 84px; }
.list { list-style: none; }
.list li {
  background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; padding: 9px 16px; margin-top: 8px;
  max-width: 860px;
}
.pair { padding: 14px 18px; margin-top: 14px; }
.pair .wide { margin: 8px 0; }
.pair caption { position: absolute; left: -9999px; }
.none { color: var(--soft); }
@media (max-width: 600px) {
  body { padding: 12px 12px 24px; }
  .filters .field { flex: 1 1 45%; }
  .filters input:not([type=hidden]):not([type=checkbox]), .filters select { width: 100%; max-width: none; }
}
)css";

}  // namespace

std::string page_style() { return std::string(html::base_style()) + std::string(desk_style); }

}  // namespace qianzhi::desk::serve
