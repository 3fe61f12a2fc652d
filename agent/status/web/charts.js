// Figures over time as SVG: a line in a card, and the same large with axes and a table behind it.
const measures = {
  delay: { text: (value) => (value < 0 ? '–' : span(value / 1000)), unit: 'time' },
  pending: { text: rows }, sent: { text: rows, grows: true }, acknowledged: { text: rows, grows: true },
  received: { text: rows, grows: true }, quarantined: { text: rows }, queued_octets: { text: octets, unit: 'octets' },
};

const measured = (name) => t((measures[name].grows ? 'h_' : 'm_') + name);

// [time in ms, value] of one measure; what only grows is told by how much it grew.
function series(name, which) {
  const data = model.history[which];
  if (!data) return [];
  const at = data.columns.indexOf(name);
  const points = data.rows.map((row) => [ms(row[0]), Number(row[at])]);
  if (!measures[name].grows) return points;
  return points.slice(1).map((point, index) => [point[0], Math.max(0, point[1] - points[index][1])]);
}

function scaled(points, width, height, from, until) {
  const top = Math.max(1, ...points.map((point) => point[1]));
  const x = (time) => ((time - from) / Math.max(1, until - from)) * width;
  const y = (value) => height - (Math.max(0, value) / top) * height;
  return { top, x, y };
}
// A gap of the agent is a gap of the line.
function lineOf(points, scale, step) {
  let path = '';
  points.forEach((point, at) => {
    const joined = at !== 0 && point[0] - points[at - 1][0] <= step * 3 && points[at - 1][1] >= 0;
    if (point[1] < 0) return;
    path += `${joined ? 'L' : 'M'}${scale.x(point[0]).toFixed(1)} ${scale.y(point[1]).toFixed(1)}`;
    if (!joined) path += 'h.1';
  });
  return path;
}
function areaOf(points, scale, height, step) {
  let path = '';
  let begin = null;
  points.forEach((point, at) => {
    if (point[1] < 0) return;
    const x = scale.x(point[0]).toFixed(1);
    const next = points[at + 1];
    if (begin === null) { path += `M${x} ${height}`; begin = x; }
    path += `L${x} ${scale.y(point[1]).toFixed(1)}`;
    if (!next || next[1] < 0 || next[0] - point[0] > step * 3) { path += `L${x} ${height}Z`; begin = null; }
  });
  return path;
}
function told(name, points) {
  const values = points.map((point) => point[1]);
  const { text } = measures[name];
  return t('chart_of', measured(name), text(Math.min(...values)), text(Math.max(...values)),
    text(values[values.length - 1]));
}

function sparkline(name) {
  const until = now();
  const points = series(name, 'day').filter((point) => point[0] >= until - 3600000);
  if (points.length < 2) return h('svg', { class: 'spark', viewBox: '0 0 120 32', 'aria-hidden': 'true' });
  const scale = scaled(points, 120, 28, points[0][0], points[points.length - 1][0]);
  return h('svg', { class: 'spark', viewBox: '0 0 120 32', role: 'img', 'aria-label': told(name, points),
    preserveAspectRatio: 'none' },
  h('path', { class: 'area', d: areaOf(points, { x: scale.x, y: (v) => scale.y(v) + 2 }, 32, 60000) }),
  h('path', { class: 'line', d: lineOf(points, { x: scale.x, y: (v) => scale.y(v) + 2 }, 60000) }));
}

const plot = { width: 860, height: 240, left: 92, bottom: 28, top: 10 };
function axes(name, scale, from, until) {
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const y = plot.top + (1 - part) * plot.height;
    return [h('line', { class: 'grid', x1: plot.left, x2: plot.left + plot.width, y1: y, y2: y }),
      h('text', { x: plot.left - 8, y: y + 5, 'text-anchor': 'end' },
        measures[name].text(measures[name].unit ? scale.top * part : Math.round(scale.top * part)))];
  });
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const text = clock(from + (until - from) * part);
    return h('text', { x: plot.left + plot.width * part, y: plot.top + plot.height + 22,
      'text-anchor': part === 0 ? 'start' : part === 1 ? 'end' : 'middle' },
    model.span === 'day' ? text.slice(11, 16) : text.slice(5, 10));
  });
  return [ticks, marks];
}

function largeChart(name) {
  const points = series(name, model.span);
  if (points.length === 0) return h('p', { class: 'empty' }, t('no_history'));
  const step = model.span === 'day' ? 60000 : 3600000;
  const until = Math.max(now(), points[points.length - 1][0]);
  const from = Math.min(points[0][0], until - step * 10);
  const scale = scaled(points, plot.width, plot.height, from, until);
  const moved = { x: (time) => plot.left + scale.x(time), y: (value) => plot.top + scale.y(value) };
  const nearest = (event, svg) => {
    const box = svg.getBoundingClientRect();
    const time = from + ((event.clientX - box.left) / box.width * 980 - plot.left) / plot.width * (until - from);
    const best = points.reduce((a, b) => (Math.abs(b[0] - time) < Math.abs(a[0] - time) ? b : a));
    document.getElementById('readout').textContent = `${clock(best[0])}　${measures[name].text(best[1])}`;
  };
  return [
    h('svg', { class: 'chart', viewBox: '0 0 980 284', role: 'img', 'aria-label': told(name, points),
      onpointermove: nearest },
    axes(name, scale, from, until),
    h('path', { class: 'area', d: areaOf(points, moved, plot.top + plot.height, step) }),
    h('path', { class: 'line', d: lineOf(points, moved, step) })),
    h('p', { id: 'readout', class: 'more' }, told(name, points)),
    h('details', {}, h('summary', {}, t('as_table')),
      table(measured(name), [[t('time')], [t('value'), true]],
        points.slice().reverse().slice(0, 240).map((point) => [clock(point[0]), measures[name].text(point[1])]))),
  ];
}

function historyView(name) {
  const known = measures[name] ? name : 'pending';
  return section('history', measured(known),
    h('p', {}, h('a', { href: '#/overview' }, '← ' + t('back'))),
    h('div', { class: 'choices', role: 'group', 'aria-label': t('show_history') },
      Object.keys(measures).map((each) => h('a', { href: '#/history/' + each, class: each === known ? 'on' : null,
        'aria-current': each === known ? 'page' : null }, measured(each)))),
    h('div', { class: 'choices', role: 'group' }, ['day', 'month'].map((which) =>
      h('button', { type: 'button', class: which === model.span ? 'on' : null,
        'aria-pressed': String(which === model.span), onclick: () => {
          model.span = which;
          loadHistory(which);
        } }, t('span_' + which)))),
    h('div', { class: 'card' }, largeChart(known)));
}
