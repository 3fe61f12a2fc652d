// A25, E: the operator's page of the hub in a real browser: signing in, roles, four eyes, every view in both languages
// and both schemes, and what pages of others cannot make it do. Usage: node admin_page.js FIXTURE SCREENSHOT-FOLDER
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { browserProgram, browserArguments, closePage, fromBase32, loadPlaywright, lookAt, mainText, openPage,
  startFixture, totp, Checks } = require('./browser.js');

const [fixtureProgram, screenshots] = process.argv.slice(2);
const names = ['alarms', 'empty', 'healthy', 'waiting'];
const check = new Checks();
const password = 'Correct-Horse-7';
const started = 1700000000;  // of every hub's clock
const minutes = { alarms: 25 };  // that it went on since
let fixture;

const codeOf = (secret, hub) => totp(secret, started + (minutes[hub] || 0) * 60);

// A code counts once: each sign-in is a minute later.
async function advance(hub, by = 1) {
  minutes[hub] = (minutes[hub] || 0) + by;
  await fixture.ask(`advance ${hub} ${by}`);
}

const at = (hub, where = '/') => `https://127.0.0.1:${fixture.ports[hub]}${where}`;

async function fillSignIn(page, name, secret, code) {
  await page.locator('#name').fill(name);
  await page.locator('#password').fill(secret);
  await page.locator('#code').fill(code);
  await page.locator('main button').click();
}

async function signIn(page, hub, name) {
  await advance(hub);
  await page.goto(at(hub));
  await fillSignIn(page, name, password, codeOf('12345678901234567890', hub));
}

const open = (browser, options) => openPage(browser, check, options);
const done = (page) => closePage(page, check, /^(https:\/\/(127\.0\.0\.1|localhost):|data:)/);

const look = (page, what, all) => lookAt(page, check, path.join(screenshots, `admin-${what}`), all);

async function viewOverviews(browser) {
  const seen = {
    empty: ['还没有安全管理员账户', 'no security account'], healthy: ['没有需要您处理的事项', 'Nothing needs you'],
    waiting: ['3 项操作等待第二人批准', '3 actions wait'], alarms: ['数据流已中止', 'the stream is halted'],
  };
  for (const hub of names) {
    const page = await open(browser);
    await signIn(page, hub, 'li');
    check.has(await mainText(page), seen[hub][0], hub);
    await look(page, `${hub}-zh`, true);
    await page.getByRole('link', { name: 'English' }).click();
    check.has(await mainText(page), seen[hub][1], hub);
    check.equal(await page.locator('html').getAttribute('lang'), 'en', 'the language is declared');
    await look(page, `${hub}-en`, true);
    await done(page);
  }
}

async function viewAll(browser) {
  const expected = {
    '/agents': 'commerce-01', '/streams': '1.4', '/topics': '企业登记信息', '/grants': '440103',
    '/departments': '税务局', '/accounts': '首次登录未完成', '/verbs': 'account add', '/system': '运行中',
    '/pending': '没有等待批准的操作', '/certificates': '各证书的到期时间',
  };
  const page = await open(browser);
  await signIn(page, 'healthy', 'sun');
  for (const [where, what] of Object.entries(expected)) {
    await page.goto(at('healthy', where));
    check.has(await mainText(page), what, where);
    check.equal(await page.locator('nav [aria-current=page]').count(), 1, `${where} is marked in the navigation`);
    const plain = (await page.locator('th').allInnerTexts()).filter((title) => /^[a-z_]+$/.test(title));
    check.equal(plain.join(), '', `${where} has a title for each column`);
    await look(page, `view-${where.slice(1)}`, true);
  }
  await page.goto(at('healthy', '/no-such-page'));
  check.has(await mainText(page), '回到总览', 'an unknown page');
  await page.goto(at('healthy', '/audit'));
  check.has(await mainText(page), 'QZ-HUB-270', 'the audit trail is the auditor\'s');
  await page.goto(at('healthy'));
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.className);
  check.equal(first, 'skip', 'the first stop skips the navigation');
  await done(page);
}

async function signInWrongly(browser) {
  const page = await open(browser);
  await page.goto(at('empty', '/agents'));
  check.that(page.url().endsWith('/sign-in'), 'without a session there is only the sign-in');
  await look(page, 'sign-in');
  const told = [];
  for (const name of ['li', 'nobody']) {
    await fillSignIn(page, name, 'Wrong-Horse-7', '000000');
    told.push(await mainText(page));
  }
  check.equal(told[0], told[1], 'who exists is not told');
  check.has(told[0], 'QZ-HUB-281', 'a wrong password');
  await look(page, 'sign-in-refused');
  for (let i = 0; i < 5; ++i) await fillSignIn(page, 'li', 'Wrong-Horse-7', '000000');
  check.has(await mainText(page), 'QZ-HUB-282', 'locked');
  await look(page, 'locked');
  await advance('empty', 3);
  await fillSignIn(page, 'li', password, codeOf('12345678901234567890', 'empty'));
  check.has(await mainText(page), '还没有安全管理员账户', 'the lock ends');
  await done(page);
}

async function firstSignIn(browser) {
  const page = await open(browser);
  await page.goto(at('healthy', '/sign-in'));
  await fillSignIn(page, 'gao', password, '');
  check.has(await mainText(page), '请更换初始密码', 'the first sign-in');
  await page.goto(at('healthy', '/agents'));
  check.that(page.url().endsWith('/account'), 'nothing else is open yet');
  await look(page, 'first-password');
  const change = async (next, again) => {
    await page.locator('#present').fill(password);
    await page.locator('#next').fill(next);
    await page.locator('#again').fill(again);
    await page.locator('main form button').click();
  };
  await change('all-lower-case-letters', 'all-lower-case-letters');
  check.has(await mainText(page), 'QZ-HUB-276', 'a weak password');
  await change('Another-Horse-8', 'Another-Horse-9');
  check.has(await mainText(page), '两次输入不同', 'two different ones');
  await change('Another-Horse-8', 'Another-Horse-8');
  const secret = fromBase32(await page.locator('#secret').innerText());
  await look(page, 'first-factor');
  await page.locator('#code').fill('000000');
  await page.locator('main form button').click();
  check.has(await mainText(page), 'QZ-HUB-286', 'a wrong code');
  check.that(fromBase32(await page.locator('#secret').innerText()).equals(secret), 'the secret stays until it is used');
  await page.locator('#code').fill(codeOf(secret, 'healthy'));
  await page.locator('main form button').click();
  check.has(await mainText(page), '已启用', 'the second factor is in use');
  await page.goto(at('healthy', '/'));
  check.has(await mainText(page), '正常', 'the page is open');
  await page.getByRole('button', { name: '退出' }).click();
  await fillSignIn(page, 'gao', 'Another-Horse-8', codeOf(secret, 'healthy'));
  check.has(await mainText(page), 'QZ-HUB-281', 'a code counts once');
  await done(page);
}

async function sessionEnds(browser) {
  const page = await open(browser);
  await signIn(page, 'healthy', 'zhao');
  const cookie = (await page.context().cookies())[0];
  check.that(cookie.httpOnly && cookie.secure && cookie.sameSite === 'Strict', 'the cookie is locked up');
  await advance('healthy', 14);
  await page.goto(at('healthy', '/agents'));
  check.has(await mainText(page), 'commerce-01', 'the session is open');
  await advance('healthy', 15);
  await page.goto(at('healthy', '/agents'));
  check.has(await mainText(page), '会话已结束', 'it ends after 15 minutes');
  await look(page, 'session-ended');
  await done(page);
}

async function fourEyes(browser) {
  const page = await open(browser);
  await signIn(page, 'waiting', 'li');
  await page.goto(at('waiting', '/pending'));
  check.has(await mainText(page), '须由另一人批准', 'one\'s own request');
  check.has(await mainText(page), "<script>document.title='owned'</script>", 'a hostile title is text');
  await look(page, 'pending');
  await page.goto(at('waiting', '/verb/approve?words=1'));
  await page.locator('main form button').click();
  await page.locator('main form button').click();
  check.has(await mainText(page), 'QZ-HUB-278', 'nobody approves the own request');
  await signOut(page);
  await signIn(page, 'waiting', 'sun');
  await page.goto(at('waiting', '/pending'));
  await page.getByRole('link', { name: '批准…' }).first().click();
  await page.locator('main form button').click();
  check.has(await mainText(page), '请核对后确认', 'it asks before it does');
  check.has(await mainText(page), 'department add customs', 'and says what');
  await look(page, 'confirm');
  await page.getByRole('button', { name: '确认执行' }).click();
  check.has(await mainText(page), '已执行', 'it was done');
  await look(page, 'approved');
  await page.goto(at('waiting', '/departments'));
  check.has(await mainText(page), '海关', 'and is in force');
  await page.goto(at('waiting', '/verb/refuse?words=2'));
  await page.locator('#f1').fill('编号 "social" 有误');
  await page.locator('main form button').click();
  await page.locator('main form button').click();
  check.has(await mainText(page), '已执行', 'the own request was taken back');
  await done(page);
}

async function signOut(page) {
  await page.locator('.who button').click();
}

async function roles(browser) {
  const page = await open(browser);
  await signIn(page, 'waiting', 'li');
  await page.goto(at('waiting', '/verb/account.add'));
  check.has(await mainText(page), 'QZ-HUB-270', 'accounts are not the system administrator\'s');
  const csrf = await page.locator('input[name=csrf]').first().getAttribute('value');
  const post = (form, headers = {}) => page.context().request.post(at('waiting', '/verb/account.add'),
    { form, headers: { origin: at('waiting', ''), ...headers }, failOnStatusCode: false });
  const forced = await post({ csrf, confirmed: '1', words: 'mole --role security' });
  check.equal(forced.status(), 403, 'nor by a form that was made');
  check.has(await forced.text(), 'QZ-HUB-270', 'the role is checked where it counts');
  const cases = [
    ['no token', { confirmed: '1', words: 'x' }, {}], ['a wrong token', { csrf: '0'.repeat(64), words: 'x' }, {}],
    ['another origin', { csrf, words: 'x' }, { origin: 'https://evil.example' }],
    ['another site', { csrf, words: 'x' }, { 'sec-fetch-site': 'cross-site' }],
    ['another name for us', { csrf, words: 'x' }, { host: 'evil.example' }],
  ];
  for (const [what, form, headers] of cases) {
    const refused = await post(form, headers);
    check.equal(refused.status(), 403, what);
    check.has(await refused.text(), 'QZ-HUB-284', what);
  }
  await done(page);
}

async function api(browser) {
  const page = await open(browser);
  const request = page.context().request;
  const headers = { 'content-type': 'application/json' };
  await advance('waiting');
  const send = (where, data, more = {}) =>
    request.post(at('waiting', where), { data, headers: { ...headers, ...more }, failOnStatusCode: false });
  const wrong = await send('/api/session', { name: 'sun', password: 'Wrong-Horse-7', code: '1' });
  check.equal(wrong.status(), 401, 'API: a wrong password');
  check.equal((await send('/api/department/list', {})).status(), 401, 'API: nothing without a session');
  const code = codeOf('12345678901234567890', 'waiting');
  const session = await (await send('/api/session', { name: 'sun', password, code })).json();
  check.equal(session.role, 'system', 'API: signed in');
  const token = { 'x-qianzhi-csrf': session.csrf };
  check.equal((await send('/api/department/list', {})).status(), 403, 'API: the cookie alone is not enough');
  const list = await (await send('/api/department/list', {}, token)).json();
  check.that(list.result.some((row) => row.department === 'customs'), 'API: a verb answers');
  const verbs = await (await request.get(at('waiting', '/api/verbs'))).json();
  check.that(verbs.find((verb) => verb.name === 'account add').allowed === false, 'API: verbs tell what is allowed');
  const waits = await (await send('/api/department/remove', { words: ['customs'] }, token)).json();
  check.that(waits.result.pending > 0, 'API: four eyes hold here, too');
  const refused = await send('/api/account/add', { words: ['x'], options: { role: 'audit' } }, token);
  check.equal(refused.status(), 403, 'API: so do roles');
  check.equal((await send('/api/no/such', {}, token)).status(), 404, 'API: an unknown verb');
  const own = await send('/api/account/password', { words: ['sun'], attachment: 'Stolen-Horse-9' }, token);
  check.equal(own.status(), 403, 'API: a session does not change its own password without the present one');
  const out = await request.delete(at('waiting', '/api/session'), { headers: token });
  check.equal(out.status(), 200, 'API: signed out');
  check.equal((await send('/api/department/list', {}, token)).status(), 401, 'API: the session is over');
  await done(page);
}

async function addAccount(browser) {
  const page = await open(browser);
  await signIn(page, 'healthy', 'wang');
  await page.goto(at('healthy', '/accounts'));
  await page.getByRole('link', { name: '增加管理账户' }).click();
  await page.getByLabel('账户名').fill('liu');
  await page.getByLabel('角色').selectOption('audit');
  await page.getByLabel('名称').fill('刘工 "审计"');
  await look(page, 'account-add');
  await page.locator('main form button').click();
  await page.locator('main form button').click();
  check.has(await mainText(page), 'Qz-', 'the initial password is told');
  await look(page, 'account-added');
  await page.goto(at('healthy', '/accounts'));
  check.has(await mainText(page), '刘工 "审计"', 'quotes come through');
  await signOut(page);
  await signIn(page, 'healthy', 'zhao');
  for (const where of ['/', '/accounts', '/audit', '/verb/account.add']) {
    const reply = await page.goto(at('healthy', where));
    if (where === '/verb/account.add') check.equal(reply.status(), 403, 'not the auditor\'s');
  }
  await done(page);
}

async function alarms(browser) {
  const page = await open(browser);
  await signIn(page, 'alarms', 'li');
  for (const what of ['数据流已中止', '已失去联系 2', 'sun', '证书还有 5 天到期'])
    check.has(await mainText(page), what, 'alarms');
  await page.getByRole('link', { name: '恢复已中止的数据流' }).click();
  check.equal(await page.locator('#f0').inputValue(), 'commerce-01', 'the next step is filled in');
  check.equal(await page.locator('#f1').inputValue(), 'commerce.firms', 'the next step is filled in');
  await look(page, 'resume');
  await page.locator('main form button').click();
  await page.locator('main form button').click();
  check.has(await mainText(page), '已执行', 'resumed');
  await page.goto(at('alarms', '/streams'));
  check.equal(await page.locator('td .state.ok').count(), 1, 'the stream runs again');
  await look(page, 'alarms-streams');
  await done(page);
}

async function run() {
  const { chromium } = loadPlaywright();
  fs.mkdirSync(screenshots, { recursive: true });
  fixture = await startFixture(fixtureProgram, names.length);
  const browser = await chromium.launch({ executablePath: browserProgram, args: browserArguments });
  const steps = [viewOverviews, viewAll, signInWrongly, firstSignIn, sessionEnds, fourEyes, roles, api, addAccount,
    alarms];
  for (const step of steps)
    await step(browser).catch((error) => check.that(false, `${step.name}: ${error.stack}`));
  await browser.close();
  fixture.stop();
  console.log(`${check.passed} checks passed, ${check.failures.length} failed; screenshots in ${screenshots}`);
  process.exit(check.failures.length === 0 ? 0 : 1);
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
