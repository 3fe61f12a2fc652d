// The first view: one word with its cause, the path both ways, figures, what to know.
const tones = {
  not_configured: ['wait', '○'], not_enrolled: ['wait', '○'], starting: ['busy', '◔'], failed: ['fail', '✕'],
  paused: ['warn', '❚❚'], retrying: ['warn', '↻'], quarantine: ['warn', '▲'], attention: ['warn', '▲'],
  snapshot: ['busy', '◔'], catching_up: ['busy', '▶'], in_sync: ['ok', '●'], idle: ['ok', '●'], lost: ['lost', '⚠'],
};
const headline = () => (model.lost ? 'lost' : model.status.headline);
const isBare = () => ['not_configured', 'not_enrolled'].includes(model.status.headline);
const worst = () => model.status.findings.find((finding) => finding.level !== 'info');

function causeOf(finding) {
  const first = finding.places[0];
  const more = finding.places.length > 1 ? ' ' + t('and_more', model.language === 'zh' ? finding.places.length
    : finding.places.length - 1) : '';
  return [titleOf(finding.code), model.language === 'zh' ? '：' : ': ', h('bdi', {}, first.subject), more,
    Number(first.since) ? (model.language === 'zh' ? '，' : ', ') + t('lasting', span(now() - ms(first.since))) : '',
    model.language === 'zh' ? '。' : '.'];
}

function sentence(word) {
  const status = model.status;
  const finding = worst();
  if (word === 'lost') return [t('s_lost', clock(model.lost))];
  if (word === 'quarantine') return [t('s_quarantine', rows(status.quarantined))];
  if (word === 'idle') return [t('s_idle', age(status.totals.last_alive))];
  if (word === 'in_sync') {
    const out = status.publications.length !== 0;
    return [t(out && status.lanes.length !== 0 ? 's_in_sync' : out ? 's_in_sync_out' : 's_in_sync_in')];
  }
  if (word === 'paused') return [t('s_paused')];
  if (finding && ['failed', 'retrying', 'attention'].includes(word)) return causeOf(finding);
  return [t('s_' + word)];
}

function safety(word) {
  const waiting = model.status.totals.waiting_rows;
  if (word === 'lost') return waiting === '0' ? t('safe_then') : t('safe_then_queue', rows(waiting));
  if (isBare() || word === 'starting') return t('safe_none');
  if (word === 'paused') return t('safe_source');
  if (waiting !== '0') return t('safe_queue', rows(waiting));
  if (word === 'failed') return t('safe_hold');
  if (model.status.quarantined !== '0') return t('safe_aside');
  return t('safe_all');
}

function nextStep(word) {
  if (word === 'not_configured') return [t('next_not_configured'), ' ', command('sudo -u qianzhi qianzhi init')];
  if (word === 'not_enrolled') return [t('next_not_enrolled'), ' ', command('sudo -u qianzhi qianzhi enrol')];
  if (word === 'lost') return [t('next_lost'), ' ', command('systemctl status qianzhi')];
  if (word === 'starting') return [command('qianzhi check --live')];
  if (word === 'quarantine') return [h('a', { href: '#/queue' }, t('queue'))];
  const finding = worst();
  if (!finding || !['failed', 'retrying', 'attention', 'paused'].includes(word)) return null;
  const known = explained(finding.code);
  const text = known ? pick(known.next) : '';
  const found = commandIn(text);
  return [text, ' ', command(found || 'qianzhi explain ' + finding.code)];
}

function verdict() {
  const word = headline();
  const [kind, icon] = tones[word] || ['unknown', '?'];
  const finding = worst();
  const next = nextStep(word);
  const fact = (name, ...value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));
  const shows = finding && ['failed', 'retrying', 'attention', 'paused'].includes(word);
  return h('section', { id: 'verdict', class: 'verdict ' + kind, 'aria-labelledby': 'word' },
    h('p', { class: 'word' }, h('span', { 'aria-hidden': 'true', class: 'sign' }, icon),
      h('strong', { id: 'word' }, t('v_' + word))),
    h('div', { class: 'body' }, h('p', { class: 'sentence' }, sentence(word)),
      h('dl', {}, fact(t('safe'), safety(word)),
        shows && Number(finding.places[0].since) ? fact(t('since'), clock(ms(finding.places[0].since))) : null,
        shows ? fact(t('code'), h('a', { href: '#/codes/' + finding.code }, finding.code)) : null,
        next ? fact(t('next'), next) : null)));
}

function figuresOf(id) {
  const { totals, publications, lanes, queued_octets: used, queue_limit: limit } = model.status;
  switch (id) {
    case 'database': return [t('f_last_change', age(totals.last_change)), t('f_topics', publications.length)];
    case 'capture': return [t('f_changed', rows(totals.sealed)), t('f_refilled', rows(totals.refilled))];
    case 'queue': return [t('f_waiting', rows(totals.waiting_rows)),
      `${octets(used)} / ${limit === '0' ? t('no_limit') : octets(limit)}`];
    case 'send': return [t('f_settle', t('batches', grouped(totals.waiting_batches))), Number(totals.oldest)
      ? t('f_oldest', span(now() - ms(totals.oldest))) : t('f_no_wait')];
    case 'receipt': return [t('f_receipted', rows(totals.receipted)), totals.waiting_rows === '0'
      ? t('f_none_missing') : t('f_missing', rows(totals.waiting_rows))];
    case 'receive': return [t('f_streams', lanes.length), t('f_behind', totals.lanes_behind)];
    case 'target': return [t('f_written', rows(totals.upserted)), t('f_removed', rows(totals.removed))];
    default: return [t('f_last_written', age(totals.applied)), t('f_with_fetch')];
  }
}
const stationLink = { database: 'sources', capture: 'provide', queue: 'queue', send: 'hub', receipt: 'provide',
  receive: 'receive', target: 'sources', voucher: 'receive' };
function pathOf(id, stations) {
  if (stations.length === 0) return null;
  return h('div', { class: 'way' }, h('h2', { class: 'label', id: id + '-title' }, t(id.replace('-', '_'))),
    h('ol', { class: 'path', id, 'aria-labelledby': id + '-title' }, stations.map((station) => {
      const [kind] = kinds[station.state] || kinds.unknown;
      const [first, second] = figuresOf(station.id);
      const link = h('a', { href: '#/' + stationLink[station.id] }, t('p_' + station.id));
      return h('li', { class: kind }, h('h3', {}, link), stateOf(station.state), h('p', {}, first),
        h('p', { class: 'more' }, second));
    })));
}

function grownWithinDay(name, total) {
  const points = series(name, 'day');
  if (points.length === 0) return grouped(total);
  return grouped(Math.round(points.reduce((sum, point) => sum + point[1], 0)));
}
function timeToFull() {
  const limit = Number(model.status.queue_limit);
  const points = series('queued_octets', 'day').filter((point) => point[0] >= now() - 3600000);
  if (limit === 0 || points.length < 2) return '';
  const grown = points[points.length - 1][1] - points[0][1];
  const took = points[points.length - 1][0] - points[0][0];
  if (grown <= 0 || took < 600000) return t('not_filling');
  const left = (limit - Number(model.status.queued_octets)) / grown * took;
  return left > 365 * 86400000 ? t('far_from_full') : t('to_full', span(left));
}
function figure(name, value, more) {
  return h('a', { class: 'figure', href: '#/history/' + name, id: 'figure-' + name },
    h('span', { class: 'label' }, t('m_' + name)), h('b', {}, value), h('span', { class: 'more' }, more || '\u00a0'),
    sparkline(name));
}
function figures() {
  const { totals, status } = { totals: model.status.totals, status: model.status };
  const out = status.path_out.length !== 0;
  const delay = Number(totals.oldest) ? span(now() - ms(totals.oldest))
    : status.delay === undefined ? '–' : Number(status.delay) < 1e6 ? '< 1 ' + t('seconds', '').trim()
      : span(ms(status.delay));
  return h('div', { class: 'figures', role: 'group', 'aria-label': t('figures') },
    out ? figure('delay', delay, Number(totals.oldest) ? t('f_oldest', delay) : '') : null,
    out ? figure('pending', rows(totals.waiting_rows), t('batches', grouped(totals.waiting_batches))) : null,
    out ? figure('sent', grownWithinDay('sent', '0'), '') : null,
    out ? figure('acknowledged', grownWithinDay('acknowledged', '0'), '') : null,
    status.path_in.length !== 0 ? figure('received', grownWithinDay('received', '0'), '') : null,
    figure('quarantined', rows(status.quarantined), ''),
    figure('queued_octets', octets(status.queued_octets), timeToFull() ||
      t('m_of', status.queue_limit === '0' ? t('no_limit') : octets(status.queue_limit))));
}

const levelKinds = { error: ['fail', '✕'], warning: ['warn', '▲'], info: ['busy', 'ℹ'] };
function levelOf(level) {
  const [kind, icon] = levelKinds[level] || levelKinds.info;
  return h('span', { class: 'state ' + kind }, h('span', { 'aria-hidden': 'true' }, icon + ' '), t('l_' + level));
}
function explanation(code, withTitle) {
  const known = explained(code);
  if (!known) return h('p', {}, h('code', {}, 'qianzhi explain ' + code));
  const fact = (name, text) => h('div', {}, h('dt', {}, name), h('dd', {}, text));
  return h('dl', { class: 'explained' }, withTitle ? fact(t('phenomenon'), pick(known.title)) : null,
    fact(t('cause'), pick(known.cause)), fact(t('cure'), pick(known.next)));
}
function findings() {
  const all = model.status.findings;
  if (all.length === 0 || isBare()) return null;
  return section('findings', t('findings'), all.map((finding) => {
    const [kind] = levelKinds[finding.level];
    return h('article', { class: kind }, h('h3', {}, levelOf(finding.level), ' ', h('b', {}, titleOf(finding.code)),
      ' ', h('code', {}, finding.code)),
    h('ul', {}, finding.places.slice(0, 5).map((place) => h('li', {}, h('bdi', {}, place.subject),
      place.detail ? [model.language === 'zh' ? '：' : ': ', h('bdi', { class: 'soft' }, place.detail)] : null,
      Number(place.since) ? [' · ', moment(place.since)] : null)),
    finding.places.length > 5 ? h('li', {}, t('and_more', finding.places.length - 5)) : null),
    explanation(finding.code, false));
  }));
}

function firstSteps() {
  const all = [['first_init', 'sudo -u qianzhi qianzhi init'], ['first_enrol', 'sudo -u qianzhi qianzhi enrol TOKEN'],
    ['first_plan', 'sudo -u qianzhi qianzhi plan'], ['first_check', 'sudo -u qianzhi qianzhi check --live'],
    ['first_run', 'sudo systemctl enable --now qianzhi']];
  const shown = model.status.headline === 'not_configured' ? all : all.slice(1);
  return section('first', t('first'), h('ol', { class: 'first card' }, shown.map(([key, line]) =>
    h('li', {}, h('p', {}, t(key)), command(line)))));
}

function overview() {
  if (isBare() && !model.lost) return [verdict(), firstSteps()];
  return [verdict(), pathOf('path-out', model.status.path_out), pathOf('path-in', model.status.path_in), figures(),
    findings(), model.status.publications.length ? publications() : null, model.status.lanes.length ? lanes() : null];
}
