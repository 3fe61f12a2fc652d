#include "hub-protocol/html/style.h"

#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

constexpr std::string_view desk_style = R"css(
main > .wide, main > form + .wide { margin-top: 14px; }
mark { background: var(--warn-tint); color: var(--ink); padding: 0 2px; }
td .actions { margin: 0; flex-wrap: nowrap; }
fieldset + p { margin-top: 10px; }
legend { display: block; font-weight: bold; }
.after { margin-top: 12px; }
.lead { margin-bottom: 14px; font-size: 16px; }
.flag label, .field.flag label { font-weight: normal; }
fieldset { border: 0; margin: 0; padding: 0; }
.filters {
  display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: end; background: var(--sheet);
  border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px;
}
.filters + .filters { border-top: 0; border-radius: 0 0 8px 8px; }
.filters:has(+ .filters) { border-radius: 8px 8px 0 0; }
.office .filters input:not([type=hidden]), .office .filters select {
  width: auto; min-width: 110px; max-width: 260px;
}
.office .filters input[type=checkbox] { min-width: 0; }
.title { display: inline-block; min-width: 120px; }
.filters .field label { font-weight: normal; font-size: 14px; color: var(--soft); }
.filters .flag { padding-bottom: 6px; }
.tabs { display: flex; flex-wrap: wrap; gap: 8px; margin: 14px 0; }
.tabs a {
  padding: 4px 12px; border: 1px solid var(--edge); border-radius: 6px; background: var(--sheet); color: var(--ink);
  text-decoration: none; font-size: 14px;
}
.tabs a:hover { border-color: var(--busy); }
.tabs a[aria-current] {
  background: var(--busy-tint); color: var(--busy); border-color: var(--busy); font-weight: bold;
}
.works details { margin-top: 8px; padding: 9px 18px; }
.works details[open] { padding-bottom: 14px; }
dl.pairs {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); gap: 6px 28px; background: var(--sheet);
  border: 1px solid var(--line); border-radius: 8px; padding: 14px 18px;
}
.pairs dt { min-width: 84px; }
.pair { padding: 14px 18px; margin-top: 14px; }
.pair .wide { margin: 8px 0; }
.pair caption { position: absolute; left: -9999px; }
@media (max-width: 560px) {
  .filters .field { flex: 1 1 45%; }
  .office .filters input:not([type=hidden]):not([type=checkbox]), .office .filters select {
    width: 100%; max-width: none;
  }
  td .actions { flex-wrap: wrap; }
}
)css";

}  // namespace

std::string page_style() { return html::office_style() + std::string(desk_style); }

}  // namespace qianzhi::desk::serve
