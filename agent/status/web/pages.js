// Queue and quarantine, requests, events, configuration, documents, codes, shortcuts.
function queueView() {
  const status = model.status;
  const all = status.quarantine;
  return [section('queue', t('queue_file'), h('div', { class: 'figures' },
    figure('queued_octets', octets(status.queued_octets), t('m_of', status.queue_limit === '0' ? t('no_limit')
      : octets(status.queue_limit))), figure('pending', rows(status.totals.waiting_rows),
      t('batches', grouped(status.totals.waiting_batches))), figure('quarantined', rows(status.quarantined), ''))),
  section('quarantine', t('quarantine'), all.length === 0 ? h('p', { class: 'empty' }, t('no_quarantine')) : [
    h('p', { class: 'more' }, t('quarantine_hint'), ' ', command('qianzhi quarantine show ID')),
    table(t('quarantine'), [[t('id'), true], [t('side')], [t('topic')], [t('reason')], [t('first_seen')],
      [t('tries'), true], [t('action')]],
    all.map((line) => [line.id, t('side_' + line.side), lines(nameOf(line.topic), nameOf(line.origin)),
      [codeLink(line.code), ' ', titleOf(line.code), h('br', {}), small(h('bdi', {}, line.detail))],
      moment(line.first_seen), grouped(line.tries),
      button(t('retry'), () => act('retry', line.id), { 'aria-label': t('retry') + ' ' + line.id })])),
    String(all.length) === status.quarantined ? null : h('p', { class: 'more' }, t('only_first', all.length))])];
}

function requestsView() {
  const looks = { open: ['busy', '▶ '], over: ['ok', '● '], refused: ['wait', '■ '], missed: ['wait', '▲ '] };
  const state = (line) => h('span', { class: 'state ' + looks[line.state][0] },
    h('span', { 'aria-hidden': 'true' }, looks[line.state][1]), t('r_' + line.state));
  const ours = model.status.requests.filter((line) => line.is_ours);
  const others = model.status.requests.filter((line) => !line.is_ours);
  const empty = () => h('p', { class: 'empty' }, t('no_requests'));
  return [section('asked', t('asked_by_us'), ours.length === 0 ? empty() : table(t('asked_by_us'), [[t('id')],
    [t('service')], [t('state')], [t('answered')], [t('made')], [t('deadline')]], ours.map((line) => [
    h('code', {}, line.id), nameOf(line.service), state(line), `${line.settled} / ${line.providers}`, moment(line.made),
    moment(line.deadline)]))),
  section('answering', t('asked_of_us'), others.length === 0 ? empty() : table(t('asked_of_us'), [[t('id')],
    [t('service')], [t('asker')], [t('state')], [t('deadline')]], others.map((line) => [h('code', {}, line.id),
    nameOf(line.service), nameOf(line.peer), state(line), moment(line.deadline)])))];
}

function filterBox(hint) {
  return h('input', { type: 'search', id: 'filter', 'aria-label': t('filter'), placeholder: hint, autocomplete: 'off',
    oninput: (event) => { model.filter = event.target.value; draw(); } });
}
const matches = (...texts) => texts.join(' ').toLowerCase().includes(model.filter.trim().toLowerCase());

function eventsView() {
  if (!model.events) return section('events', t('events'), h('p', { class: 'empty' }, '…'));
  const known = model.events.filter((event) => (model.level === '' || event.level === model.level) &&
    matches(event.code, event.subject, event.detail, titleOf(event.code)));
  const levels = h('select', { 'aria-label': t('level'), id: 'level', onchange: (event) => {
    model.level = event.target.value;
    draw();
  } }, ['', 'error', 'warning', 'info'].map((level) => h('option', { value: level },
    level === '' ? t('all_levels') : t('l_' + level))));
  return section('events', t('events'), h('div', { class: 'tools' }, filterBox(t('filter_hint')), levels),
    known.length === 0 ? h('p', { class: 'empty' }, t('no_events')) : known.slice(0, 200).map((event) =>
      h('details', { class: 'event' }, h('summary', {}, levelOf(event.level), ' ', h('b', {}, titleOf(event.code)), ' ',
        h('bdi', {}, event.subject), h('span', { class: 'soft' }, ' · ', clock(ms(event.began)), ' – ',
          event.ended === '0' ? t('still') : clock(ms(event.ended)))),
      h('p', {}, codeLink(event.code), event.detail ? [' ', h('bdi', { class: 'soft' }, event.detail)] : null),
      explanation(event.code, true), h('p', { class: 'acts' }, event.acknowledged
        ? small(t('acknowledged_by', event.acknowledged))
        : button(t('acknowledge'), () => act('acknowledge', event.id))))));
}

function configView() {
  const all = model.configuration || [];
  return section('config', t('config'), h('p', { class: 'more' }, t('config_hint'), ' ', command('qianzhi check')),
    h('p', { class: 'acts' }, button(t('reload'), () => act('reload', '')), ' ',
      model.status.file ? h('code', {}, model.status.file) : null),
    all.length === 0 ? h('p', { class: 'empty' }, t('no_config'))
      : table(t('config'), [[t('setting')], [t('value')], [t('origin_of')]],
        all.map((line) => [h('code', {}, line.path), h('bdi', {}, line.value),
          line.default ? t('by_default') : t('in_line', line.line)])));
}

// The documents are made by our own build from our own files: elements and attributes beyond these are left out.
const allowed = ['H1', 'H2', 'H3', 'H4', 'P', 'UL', 'OL', 'LI', 'PRE', 'CODE', 'EM', 'STRONG', 'TABLE', 'THEAD',
  'TBODY', 'TR', 'TH', 'TD', 'BLOCKQUOTE', 'HR', 'BR', 'DEL', 'A'];
function tame(node) {
  if (node.nodeType === 3) return node.data;
  if (node.nodeType !== 1) return null;
  const inner = [...node.childNodes].map(tame);
  if (!allowed.includes(node.nodeName)) return inner;
  if (node.nodeName === 'A') return h('span', {}, inner);
  const down = { H1: 'h3', H2: 'h4', H3: 'h5', H4: 'h6' };
  if (node.nodeName === 'TABLE') return h('div', { class: 'wide', tabindex: '0' }, h('table', {}, inner));
  if (node.nodeName === 'PRE') return h('pre', { tabindex: '0' }, inner);
  return h(down[node.nodeName] || node.nodeName.toLowerCase(), {}, inner);
}
function documentsView() {
  const all = model.documents || [];
  const open = model.document && model.document.name === model.argument ? model.document : null;
  return [section('documents', t('documents'), all.length === 0 ? h('p', { class: 'empty' }, t('no_documents')) : [
    h('p', { class: 'more' }, t('documents_hint')),
    h('ul', { class: 'choices' }, all.map((each) => h('li', {}, h('a', { href: '#/documents/' + each.name,
      class: each.name === model.argument ? 'on' : null }, each.title))))]),
  open ? h('section', { class: 'document card', id: 'document-' + open.name }, open.tree.cloneNode(true)) : null];
}

function codesView() {
  if (!model.codes) return section('codes', t('codes'), h('p', { class: 'empty' }, '…'));
  const one = model.argument && model.filter === '';
  const wanted = Object.keys(model.codes).filter((code) => (one ? code === model.argument
    : matches(code, ...model.codes[code].title)));
  return section('codes', t('codes'), h('div', { class: 'tools' }, filterBox(t('search_code')),
    h('span', { class: 'more' }, t('found_codes', wanted.length))),
  wanted.slice(0, 100).map((code) => h('article', { class: 'plain' }, h('h3', {}, h('code', {}, code), ' ', h('b', {},
    titleOf(code))), explanation(code, false))));
}

const keys = [['1–9', 'key_sections'], ['/', 'key_filter'], ['r', 'key_refresh'], ['p', 'key_stop'], ['?', 'key_help']];
function helpView() {
  return section('help', t('help'), h('dl', { class: 'facts' }, keys.map(([key, what]) => h('div', {},
    h('dt', {}, h('kbd', {}, key)), h('dd', {}, t(what))))));
}
