// The frame, what is fetched when, routes and keys.
const views = {
  overview, provide: publications, receive: lanes, sources, hub, queue: queueView, requests: requestsView,
  events: eventsView, config: configView, documents: documentsView, codes: codesView, help: helpView,
  history: () => historyView(model.argument),
};
const sections = ['overview', 'provide', 'receive', 'sources', 'hub', 'queue', 'requests', 'events', 'config',
  'documents', 'codes'];

function navigation() {
  const bare = isBare();
  const shown = bare ? ['overview', 'documents', 'codes'] : sections;
  const marks = { queue: Number(model.status.quarantined) ? grouped(model.status.quarantined) : '',
    events: worst() && !bare ? '!' : '' };
  return h('ul', {}, shown.map((name) => h('li', {}, h('a', { href: '#/' + name,
    class: model.route === name ? 'on' : null, 'aria-current': model.route === name ? 'page' : null },
  t(name), marks[name] ? h('span', { class: 'mark' }, marks[name]) : null))));
}
function freshness() {
  if (model.stopped) return t('paused_here');
  if (model.lost) return t('v_lost');
  const passed = Date.now() - model.answered;
  return t('updated', passed < 1500 ? t('just_now') : t('ago', span(passed)));
}
function header() {
  const status = model.status;
  const themes = ['auto', 'light', 'dark'];
  return [h('div', { class: 'brand' }, h('img', { src: '/icon.svg', alt: '', width: '36', height: '36' }), h('div', {},
    h('h1', {}, h('bdi', {}, status.name || t('app'))), h('p', {}, status.agent ? h('bdi', {}, status.agent) : null,
      status.department ? [' · ', t('department', ''), h('bdi', {}, status.department)] : null,
      [status.agent ? ' · ' : '', t('version', status.version)]))),
  h('div', { class: 'controls' }, h('span', { class: 'fresh' + (model.lost ? ' gone' : ''), id: 'fresh' }, freshness()),
    h('button', { type: 'button', lang: model.language === 'zh' ? 'en' : 'zh-CN', id: 'language', onclick: () => {
      model.language = model.language === 'zh' ? 'en' : 'zh';
      keep('language', model.language);
      draw();
    } }, t('language_other')),
    h('label', {}, h('span', { class: 'unseen' }, t('theme')), h('select', { id: 'theme', onchange: (event) => {
      model.theme = event.target.value;
      keep('theme', model.theme);
      draw();
    } }, themes.map((each) => h('option', { value: each }, t('theme_' + each))))),
    model.me && model.me.signs_in ? h('button', { type: 'button', onclick: () => act('sign-out', '') }, t('sign_out'))
      : null)];
}
let spoken = '';
function speak() {
  const text = t('v_' + headline()) + '。' + sentence(headline()).map((part) => (part && part.textContent) ||
    part).join('');
  const key = headline() + (worst() ? worst().code : '') + model.language;
  if (key !== spoken && spoken !== '') say(text);
  spoken = key;
}
function draw() {
  document.documentElement.lang = model.language === 'zh' ? 'zh-CN' : 'en';
  if (model.theme === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', model.theme);
  if (!model.status) return;
  document.title = `${tones[headline()][1]} ${model.status.name || ''} · ${t('app')}`;
  document.body.classList.toggle('lost', model.lost !== 0);
  document.getElementById('skip').textContent = t('skip');
  show('top', header());
  document.getElementById('nav').setAttribute('aria-label', t('sections'));
  show('nav', navigation());
  const view = views[model.route] || overview;
  const close = () => { model.message = ''; draw(); };
  show('main', model.message ? h('p', { class: 'message', id: 'message' }, model.message, ' ', h('button', {
    type: 'button', class: 'small', 'aria-label': t('cancel'), onclick: close }, '✕')) : null,
  model.route !== 'overview' && model.lost ? verdict() : null, view());
  show('foot', h('p', {}, t('footer'), ' · ', h('a', { href: '/plain?lang=' + model.language }, t('plain')), ' · ',
    h('a', { href: '#/help' }, t('help'))));
  const theme = document.getElementById('theme');
  if (theme.value !== model.theme) theme.value = model.theme;
  speak();
}

function keep(name, value) { try { localStorage.setItem('qianzhi.' + name, value); } catch (error) { /* not kept */ } }
function kept(name) { try { return localStorage.getItem('qianzhi.' + name); } catch (error) { return null; } }

async function fetched(address, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 10000);
  try {
    return await fetch(address, Object.assign({ signal: stop.signal, credentials: 'same-origin' }, options || {}));
  } finally {
    clearTimeout(timer);
  }
}
async function json(address) {
  const reply = await fetched(address);
  if (reply.status === 401) { location.reload(); throw new Error('signed out'); }
  if (!reply.ok) throw new Error(await reply.text());
  return reply.json();
}

let timer = 0;
let wait = 2000;
async function refresh() {
  clearTimeout(timer);
  try {
    const status = await json('/api/status');
    if (!model.status && !kept('language')) model.language = status.language.startsWith('en') ? 'en' : 'zh';
    model.status = status;
    model.taken = model.answered = Date.now();
    model.lost = 0;
    wait = 2000;
  } catch (error) {
    // The last figures stay, greyed; what asks again asks less and less often.
    if (!model.lost && model.status) model.lost = ms(model.status.time);
    wait = Math.min(wait * 2, 30000);
  }
  draw();
  if (!model.stopped) timer = setTimeout(refresh, document.hidden ? 30000 : wait);
}

async function loadHistory(which) {
  try { model.history[which] = await json('/api/history?span=' + which); } catch (error) { /* the next time */ }
  draw();
}
async function load(name, address, change) {
  try { model[name] = change ? change(await json(address)) : await json(address); } catch (error) { /* next time */ }
  draw();
}
async function loadDocument(name) {
  try {
    const text = await (await fetched('/api/document?name=' + encodeURIComponent(name))).text();
    const tree = h('div', {}, [...new DOMParser().parseFromString(text, 'text/html').body.childNodes].map(tame));
    model.document = { name, tree };
  } catch (error) { model.document = null; }
  draw();
}
function loadForRoute() {
  if (model.route === 'events') load('events', '/api/events');
  if ((model.route === 'codes' || model.route === 'events') && !model.codes) load('codes', '/api/codes');
  if (model.route === 'config') load('configuration', '/api/config');
  if (model.route === 'documents' && !model.documents) load('documents', '/api/documents');
  if (model.route === 'documents' && model.argument) loadDocument(model.argument);
  if (model.route === 'history' && model.span === 'month') loadHistory('month');
}

async function act(verb, argument, silent) {
  model.busy = verb;
  draw();
  let text = '';
  try {
    const reply = await fetched('/api/do', { method: 'POST', headers: { 'X-Qianzhi-Token': model.me.csrf,
      'Content-Type': 'application/x-www-form-urlencoded' },
    body: `verb=${encodeURIComponent(verb)}&argument=${encodeURIComponent(argument)}` });
    text = await reply.text();
    if (verb === 'sign-out' && reply.ok) location.reload();
    if (!reply.ok) text = t('refused', text);
  } catch (error) { text = t('refused', t('v_lost')); }
  model.busy = '';
  if (!silent) flash(text.trim().split(' / ')[model.language === 'zh' ? 0 : text.includes(' / ') ? 1 : 0]);
  await refresh();
  loadForRoute();
  return text;
}
async function testLink() {
  model.steps = null;
  const text = await act('test-link', '', true);
  try { model.steps = JSON.parse(text); } catch (error) { flash(text); }
  draw();
}

function navigate() {
  const [, route, argument] = location.hash.split('/');
  const changed = route !== model.route;
  model.route = views[route] ? route : 'overview';
  model.argument = argument ? decodeURIComponent(argument) : '';
  model.filter = '';
  if (changed) model.message = '';
  loadForRoute();
  draw();
  const box = document.getElementById('filter');
  if (box) box.value = '';
  window.scrollTo(0, 0);
  document.getElementById('main').focus({ preventScroll: true });
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.nodeName)) return;
  if (event.key >= '1' && event.key <= '9') location.hash = '#/' + sections[Number(event.key) - 1];
  else if (event.key === 'r') refresh();
  else if (event.key === '?') location.hash = '#/help';
  else if (event.key === 'p') {
    model.stopped = !model.stopped;
    refresh();
  } else if (event.key === '/' && document.getElementById('filter')) {
    event.preventDefault();
    document.getElementById('filter').focus();
  }
});
window.addEventListener('hashchange', navigate);
document.addEventListener('visibilitychange', () => { if (!document.hidden && !model.stopped) refresh(); });
setInterval(() => {
  const fresh = document.getElementById('fresh');
  if (fresh && model.status) fresh.textContent = freshness();
}, 1000);
setInterval(() => { if (!document.hidden && !model.stopped && !model.lost) loadHistory('day'); }, 60000);

model.language = kept('language') || 'zh';
model.theme = kept('theme') || 'auto';
navigate();
load('me', '/api/me');
loadHistory('day');
refresh();
