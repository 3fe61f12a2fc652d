// What is provided and received, databases, the hub.
function progressOf(progress) {
  if (!progress.kind) return null;
  const parts = [];
  if (progress.percent !== undefined) parts.push(progress.percent + ' %');
  parts.push(rows(progress.rows));
  if (progress.beyond_estimate) parts.push(t('beyond'));
  else if (progress.estimated === undefined) parts.push(t('total_unknown'));
  if (progress.left !== undefined) parts.push(t('left', span(ms(progress.left))));
  return h('div', { class: 'progress' }, progress.percent === undefined ? null
    : h('progress', { max: '100', value: String(progress.percent), 'aria-label': t('refilling') }),
  small(parts.join(' · ')));
}
const codeLink = (code) => h('a', { href: '#/codes/' + code }, h('code', {}, code));
const troubled = (state, code, more) => [stateOf(state), code ? [h('br', {}), codeLink(code)] : null, more];

function publications() {
  const known = (line, text) => (line.last === '' ? '–' : grouped(text));
  return section('publications', t('provide'), model.status.publications.length === 0
    ? h('p', { class: 'empty' }, t('no_publications'))
    : table(t('provide'), [[t('topic')], [t('source_table')], [t('state')], [t('last_change')],
      [t('changed_rows'), true], [t('refilled_rows'), true], [t('receipted_rows'), true], [t('waiting_rows'), true],
      [t('aside_rows'), true], [t('position')]],
    model.status.publications.map((line) => [
      line.title ? lines(h('bdi', {}, line.title), nameOf(line.topic)) : nameOf(line.topic),
      lines(nameOf(line.table), nameOf(line.source)), troubled(line.state, line.code, progressOf(line.progress)),
      [moment(line.last_change), Number(line.alive) > Number(line.last_change)
        ? [h('br', {}), small(t('alive', age(line.alive)))] : null],
      known(line, line.sealed_rows), known(line, line.refilled_rows), known(line, line.receipted_rows),
      known(line, line.waiting_rows), known(line, line.quarantined),
      line.last === '' ? '–' : `${line.receipted} / ${line.last}`])));
}

function lanes() {
  const groups = (text) => (text === '*' ? t('all') : text === '' ? t('none')
    : text.split(',').length > 3 ? String(text.split(',').length) : text);
  return section('lanes', t('receive'), model.status.lanes.length === 0 ? h('p', { class: 'empty' }, t('no_lanes'))
    : table(t('receive'), [[t('topic')], [t('origin')], [t('target')], [t('state')], [t('last_written')],
      [t('written_rows'), true], [t('removed_rows'), true], [t('aside_rows'), true], [t('applied_head')],
      [t('complete_granted')]],
    model.status.lanes.map((lane) => [nameOf(lane.topic), nameOf(lane.origin), nameOf(lane.target),
      troubled(lane.state, lane.code), moment(lane.applied), grouped(lane.upserted), grouped(lane.removed),
      grouped(lane.quarantined), `${lane.mark === '0.0' ? t('none_yet') : lane.mark} / ${
        lane.head === '0.0' ? t('unknown') : lane.head}`, `${groups(lane.complete)} / ${groups(lane.granted)}`])));
}

function stageState(name) {
  const stage = model.status.stages.find((each) => each.name === name);
  return stage ? troubled(stage.state, stage.error_code) : stateOf('not_started');
}
function sources() {
  const stages = model.status.stages;
  return [section('databases', t('sources'), model.status.databases.length === 0
    ? h('p', { class: 'empty' }, t('no_databases'))
    : table(t('sources'), [[t('sources')], [t('db_type')], [t('db_use')], [t('db_capture')], [t('db_topics'), true],
      [t('state')]],
    model.status.databases.map((line) => [nameOf(line.id), line.type, t(line.capture ? 'use_source' : 'use_target'),
      line.capture ? t('c_' + line.capture) : '–', grouped(line.topics), stageState(line.stage)]))),
  stages.length === 0 ? null : section('stages', t('stages'), table(t('stages'), [[t('stage')], [t('state')],
    [t('since_when')], [t('runs'), true]],
  stages.map((stage) => [nameOf(stage.name), [stateOf(stage.state), stage.error_code ? [h('br', {}),
    codeLink(stage.error_code), h('br', {}), small(h('bdi', {}, stage.error_detail))] : null],
  stage.error_code ? moment(stage.error_since) : '–', grouped(stage.runs)])))];
}

const stepNames = ['resolve', 'connect', 'tls', 'certificate', 'identity', 'clock'];
function steps() {
  const found = model.steps || [];
  return h('ol', { class: 'steps' }, stepNames.map((name) => {
    const step = found.find((each) => each.step === name);
    const kind = !step ? 'wait' : step.ok ? 'ok' : 'fail';
    const word = !step ? 'not_reached' : step.ok ? 'passed' : 'not_passed';
    return h('li', { class: kind }, h('h3', {}, t('step_' + name)), h('span', { class: 'state ' + kind },
      h('span', { 'aria-hidden': 'true' }, (!step ? '○' : step.ok ? '✓' : '✕') + ' '), t(word)),
    step ? h('p', { class: 'more' }, h('bdi', {}, step.detail || '')) : null,
    step && step.code ? codeLink(step.code) : null);
  }));
}
function hub() {
  const status = model.status;
  const fact = (name, ...value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));
  const expires = Number(status.directory_expires);
  return [section('hub', t('hub'), h('div', { class: 'card' }, h('dl', { class: 'facts' },
    fact(t('hub_address'), h('bdi', {}, status.hub_url || t('unknown'))),
    fact(t('directory'), status.directory_version === '0' ? t('unknown') : grouped(status.directory_version)),
    fact(t('valid_until'), expires ? [clock(ms(status.directory_expires)), ' ', small(age(status.directory_expires))]
      : t('unknown')),
    fact(t('sending'), stageState('uplink')),
    fact(t('running_for'), Number(status.started) ? span(now() - ms(status.started)) : t('unknown'))))),
  section('link', t('steps'), h('p', { class: 'more' }, t('steps_hint')), h('div', { class: 'card' }, steps(),
    h('p', { class: 'acts' }, button(t(model.busy === 'test-link' ? 'testing' : 'test_link'), testLink))))];
}
function button(text, action, attributes) {
  const may = model.me && model.me.may_act && !model.lost;
  return h('button', Object.assign({ type: 'button', disabled: !may || model.busy !== '',
    title: may ? null : t('may_not'), onclick: action }, attributes || {}), text);
}
