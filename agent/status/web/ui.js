// What every view uses: words, numbers, times, and a tree that changes only where it must, so that focus stays.
const words = window.qianzhiWords;
const model = {
  language: 'zh', theme: 'auto', status: null, me: null, taken: 0, answered: 0, lost: 0, stopped: false,
  route: 'overview',
  argument: '', history: { day: null, month: null }, events: null, codes: null, configuration: null, documents: null,
  document: null, steps: null, busy: '', message: '', filter: '', level: '', span: 'day',
};

const fill = (text, values) => text.replace(/\{(\d)\}/g, (whole, at) => values[Number(at)]);
function t(key, ...values) {
  const pair = words[key];
  return pair ? fill(pair[model.language === 'zh' ? 0 : 1], values) : key;
}
const pick = (pair) => pair[model.language === 'zh' ? 0 : 1];

function append(parent, child) {
  if (child === null || child === undefined || child === false || child === '') return;
  if (Array.isArray(child)) child.forEach((each) => append(parent, each));
  else parent.appendChild(child.nodeType ? child : document.createTextNode(String(child)));
}
const svgTags = ['svg', 'path', 'line', 'circle', 'text', 'g', 'rect'];
function h(tag, attributes, ...children) {
  const item = svgTags.includes(tag) ? document.createElementNS('http://www.w3.org/2000/svg', tag)
    : document.createElement(tag);
  Object.keys(attributes || {}).forEach((name) => {
    const value = attributes[name];
    if (value === null || value === undefined || value === false) return;
    if (name.startsWith('on')) item['$' + name] = value;
    else item.setAttribute(name, value === true ? '' : value);
  });
  append(item, children);
  return item;
}

// Handlers travel as properties of the items, so that a tree that is changed in place keeps the newest of them.
['click', 'input', 'change', 'pointermove', 'pointerleave', 'submit'].forEach((kind) =>
  document.addEventListener(kind, (event) => {
    for (let at = event.target; at && at !== document; at = at.parentNode) {
      const handler = at['$on' + kind];
      if (handler) return handler(event, at);
    }
    return undefined;
  }, true));

function morph(have, want) {
  if (have.nodeType !== want.nodeType || have.nodeName !== want.nodeName || have.id !== want.id) {
    have.replaceWith(want);
    return;
  }
  if (have.nodeType === 3) {
    if (have.data !== want.data) have.data = want.data;
    return;
  }
  [...have.attributes].forEach(({ name }) => {
    if (!want.hasAttribute(name) && name !== 'open') have.removeAttribute(name);
  });
  [...want.attributes].forEach(({ name, value }) => {
    if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  });
  Object.keys(have).forEach((name) => { if (name.startsWith('$on') && !want[name]) delete have[name]; });
  Object.keys(want).forEach((name) => { if (name.startsWith('$on')) have[name] = want[name]; });
  morphChildren(have, [...want.childNodes]);
}
function morphChildren(have, wanted) {
  const old = [...have.childNodes];
  wanted.forEach((child, at) => (at < old.length ? morph(old[at], child) : have.appendChild(child)));
  old.slice(wanted.length).forEach((child) => child.remove());
}
function show(id, ...children) {
  const holder = h('div', {});
  append(holder, children);
  morphChildren(document.getElementById(id), [...holder.childNodes]);
}

const grouped = (text) => String(text).replace(/\B(?=(\d{3})+$)/g, ',');
const rows = (text) => t(String(text) === '1' ? 'row' : 'rows', grouped(text));
function octets(text) {
  let size = Number(text);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let unit = 0;
  while (size >= 1024 && unit < 6) { size /= 1024; unit += 1; }
  return `${unit === 0 ? size : (Math.floor(size * 10) / 10)} ${units[unit]}`;
}
function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return t('seconds', seconds);
  if (seconds < 7200) return t('minutes', Math.floor(seconds / 60));
  if (seconds < 172800) return t('hours', Math.floor(seconds / 3600));
  return t('days', Math.floor(seconds / 86400));
}
const ms = (micros) => Number(micros) / 1000;
// By the agent's clock, which need not be the browser's.
const now = () => (model.status ? ms(model.status.time) + (model.lost ? 0 : Date.now() - model.taken) : Date.now());
function age(micros) {
  if (!Number(micros)) return t('none_yet');
  const passed = now() - ms(micros);
  if (passed < -1000) return t('ahead', span(-passed));
  return passed < 1000 ? t('just_now') : t('ago', span(passed));
}
// As a wall clock at the agent shows it.
function clock(millis, withDay) {
  const zone = /UTC([+-])(\d\d):(\d\d)/.exec((model.status || {}).zone || '') || ['', '+', '00', '00'];
  const shift = (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === '-' ? -1 : 1);
  const text = new Date(millis + shift * 60000).toISOString();
  return (withDay === false ? '' : text.slice(0, 10) + ' ') + text.slice(11, 19);
}
const moment = (micros) => (Number(micros) ? h('time', { title: clock(ms(micros)) }, age(micros)) : t('none_yet'));

const kinds = {
  in_order: ['ok', '●'], catching_up: ['busy', '▶'], refilling: ['busy', '◔'], waiting: ['wait', '–'],
  awaits_refill: ['wait', '–'], not_started: ['wait', '○'], no_data_yet: ['wait', '○'], backlog: ['warn', '▲'],
  interrupted: ['warn', '▲'], stopped_in_part: ['warn', '▲'], no_grant: ['warn', '▲'], stopped: ['fail', '✕'],
  full: ['fail', '✕'], failed: ['fail', '✕'], unknown: ['unknown', '?'],
};
function stateOf(id) {
  const [kind, icon] = kinds[id] || kinds.unknown;
  return h('span', { class: 'state ' + kind }, h('span', { 'aria-hidden': 'true' }, icon + ' '), t(id));
}
// Broken only where a name has a joint.
function nameOf(text) {
  const parts = String(text).match(/[^_.-]*[_.-]?/g).filter((part) => part !== '');
  return h('bdi', { class: 'name' }, parts.map((part, at) => (at === 0 ? part : [h('wbr', {}), part])));
}
const explained = (code) => (model.status && model.status.explained[code]) || (model.codes && model.codes[code]);
const titleOf = (code) => (explained(code) ? pick(explained(code).title) : code);
// Commands stand in texts after a colon.
const commands = /(?:sudo [ -~]*)?\b(?:qianzhi|timedatectl|systemctl|ss|journalctl)\b [ -+\--9<-~]*/;
const commandIn = (text) => (commands.exec(text) || [''])[0].trim();
function command(text) {
  return h('span', { class: 'command' }, h('code', {}, text),
    h('button', { type: 'button', class: 'small', 'aria-label': t('copy') + ' ' + text, onclick: () => copy(text) },
      t('copy')));
}
function say(text) { document.getElementById('said').textContent = text; }
function copy(text) {
  const spare = h('textarea', { class: 'unseen', readonly: true });
  spare.value = text;
  document.body.appendChild(spare);
  spare.select();
  document.execCommand('copy');
  spare.remove();
  flash(t('copied') + '：' + text);
}
function flash(text) {
  model.message = text;
  say(text);
  draw();
}
function table(label, columns, lines) {
  return h('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': label },
    h('table', {}, h('caption', { class: 'unseen' }, label),
      h('thead', {}, h('tr', {}, columns.map(([name, number]) => h('th', { scope: 'col', class: number ? 'n' : null },
        name)))),
      h('tbody', {}, lines.map((cells) => h('tr', {}, cells.map((cell, at) =>
        h('td', { class: columns[at][1] ? 'n' : null, 'data-label': columns[at][0] },
          h('div', {}, cell))))))));
}
const section = (id, title, ...children) => h('section', { id, 'aria-labelledby': id + '-title' },
  h('h2', { id: id + '-title' }, title), children);
const small = (...children) => h('small', {}, children);
const lines = (first, second) => [first, h('br', {}), small(second)];
