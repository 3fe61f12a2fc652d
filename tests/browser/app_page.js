// E3, E7: the application of the status page in a real browser. Eleven states, of which the page server shows Snapshot
// values (tests/browser/page_samples.cpp), both languages, light and dark, wide and narrow; sign-in and what it keeps
// out; the network cut; and the page of a real agent that is killed.
// Usage: node app_page.js FIXTURE SCREENSHOT-FOLDER QIANZHI
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const { spawn } = require('node:child_process');
const { browserProgram, browserArguments, loadPlaywright, startFixture, Checks } = require('./browser.js');

const [fixtureProgram, screenshots, agentProgram] = process.argv.slice(2);
const check = new Checks();
const served = 15;
const states = {
  not_configured: ['未配置', 'Not configured'], not_enrolled: ['未登记', 'Not enrolled'],
  snapshot: ['整体传送中', 'Sending tables whole'], catching_up: ['追赶中', 'Catching up'], well: ['正常', 'In order'],
  idle: ['空闲', 'Idle'], retrying: ['重试中', 'Retrying'], paused: ['已暂停', 'Paused'],
  quarantine: ['有隔离', 'Quarantine'], failed: ['故障', 'Failed'], lost: ['失去联系', 'No contact'],
};
const routes = ['provide', 'receive', 'sources', 'hub', 'queue', 'requests', 'events', 'config', 'documents', 'codes',
  'help', 'history/pending', 'history/delay'];

async function settle(page) {
  await page.waitForSelector('#main > *');
  await page.waitForFunction(() => document.querySelector('#main').innerText.trim() !== '');
}

// Nothing scrolls sideways, every id once, one h1; then what axe-core finds serious or critical.
async function checkFrame(page, what) {
  const faults = await page.evaluate(() => {
    const found = [];
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (over > 0) found.push(`scrolls sideways by ${over} px`);
    const ids = [...document.querySelectorAll('[id]')].map((item) => item.id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
    if (twice.length !== 0) found.push('twice: ' + twice.join());
    if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
    if (document.querySelectorAll('[style],[onclick]').length !== 0) found.push('inline code or style');
    if (/undefined|NaN|\{\d\}|\[object/.test(document.body.innerText)) found.push('a hole in the text');
    return found;
  });
  check.equal(faults.join('; '), '', what);
}
async function checkAxe(page, what) {
  const findings = await page.evaluate(async () => (await window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })).violations
    .filter((each) => ['serious', 'critical'].includes(each.impact))
    .map((each) => `${each.id}: ${each.nodes.slice(0, 2).map((node) => node.html.slice(0, 120)).join(' | ')}`));
  check.equal(findings.join('\n'), '', `${what}: axe-core`);
}

function watch(page, requests, what) {
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => check.that(false, `${what}: ${error}`));
  page.on('console', (message) => {
    // Signed out, the page is the one that says how to sign in.
    const isOut = message.text().includes('401');
    if (message.type() === 'error' && !isOut) check.that(false, `${what}: ${message.text()}`);
  });
}
async function newPage(browser, scheme, width, language, axe) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme, bypassCSP: axe });
  await context.route((url) => url.hostname !== '127.0.0.1', (route) => route.abort());
  await context.addInitScript((value) => localStorage.setItem('qianzhi.language', value), language);
  if (axe) await context.addInitScript({ path: require.resolve('axe-core/axe.min.js') });
  return context.newPage();
}

async function checkStates(browser, fixture, requests) {
  for (const [scheme, width, language] of [['light', 1280, 'zh'], ['dark', 1280, 'en'], ['dark', 390, 'zh'],
    ['light', 390, 'en']]) {
    const page = await newPage(browser, scheme, width, language, true);
    let what = '';
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => check.that(false, `${what}: ${error}`));
    // What a next page makes superfluous is aborted.
    page.on('requestfailed', (request) => {
      const why = request.failure().errorText;
      if (!what.startsWith('lost') && why !== 'net::ERR_ABORTED') check.that(false, `${what}: ${request.url()} ${why}`);
    });
    for (const name of Object.keys(states)) {
      what = `${name} ${language} ${scheme} ${width}`;
      await page.goto(`http://127.0.0.1:${fixture.ports[name]}/`);
      await settle(page);
      if (name === 'lost') {
        await page.route('**/api/**', (route) => route.abort());
        await page.keyboard.press('r');
        await page.waitForSelector('.verdict.lost');
      }
      check.equal(await page.locator('#word').innerText(), states[name][language === 'zh' ? 0 : 1], what);
      await checkFrame(page, what);
      if (width === 1280 || name === 'failed') await checkAxe(page, what);
      await page.screenshot({ path: path.join(screenshots, `app-${name}-${language}-${scheme}-${width}.png`),
        fullPage: true });
      if (name === 'lost') await page.unroute('**/api/**');
    }
    await page.context().close();
  }
}

async function checkRoutes(browser, fixture) {
  for (const [scheme, width, language] of [['light', 1280, 'zh'], ['dark', 1280, 'en'], ['light', 390, 'zh']]) {
    const page = await newPage(browser, scheme, width, language, true);
    page.on('pageerror', (error) => check.that(false, `${language} ${scheme}: ${error}`));
    await page.goto(`http://127.0.0.1:${fixture.ports.quarantine}/`);
    await settle(page);
    for (const route of routes) {
      await page.evaluate((hash) => { location.hash = '#/' + hash; }, route);
      await page.waitForLoadState('networkidle');
      await settle(page);
      const what = `${route} ${language} ${scheme} ${width}`;
      await checkFrame(page, what);
      await checkAxe(page, what);
      const picture = `app-${route.replace('/', '-')}-${language}-${scheme}-${width}.png`;
      await page.screenshot({ path: path.join(screenshots, picture), fullPage: width !== 390 });
    }
    await page.context().close();
  }
}

function plainGet(port, target, headers, method, body) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: target, method: method || 'GET', headers };
    const request = http.request(options, (reply) => {
      let text = '';
      reply.on('data', (part) => { text += part; });
      reply.on('end', () => resolve({ status: reply.statusCode, text, headers: reply.headers }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

// E7: without a session there is nothing to see; a session is no right to act for another site.
async function checkSignIn(browser, fixture, requests) {
  const port = fixture.ports.signed;
  for (const target of ['/', '/plain', '/app.js', '/api/status', '/api/me', '/api/history', '/api/events', '/readyz',
    '/metrics', '/api/documents', '/in?k=' + '0'.repeat(64), '/in']) {
    const reply = await plainGet(port, target);
    check.equal(reply.status, 401, `without a session: ${target}`);
    check.that(!/commerce|工商/.test(reply.text), `without a session ${target} tells nothing`);
  }
  check.equal((await plainGet(port, '/livez')).text, 'ok\n', '/livez is open');
  const link = await fixture.ask('link');
  const page = await newPage(browser, 'light', 1280, 'zh', false);
  watch(page, requests, 'signed');
  await page.goto(`http://127.0.0.1:${port}${link}`);
  await settle(page);
  check.equal(new URL(page.url()).pathname, '/', 'the token leaves the address');
  check.equal((await plainGet(port, link)).status, 401, 'a link is used once');
  const [cookie] = await page.context().cookies();
  check.equal(`${cookie.name} ${cookie.httpOnly} ${cookie.sameSite}`, `qianzhi_${port} true Strict`, 'the cookie');
  const mine = { Cookie: `${cookie.name}=${cookie.value}`, 'Content-Type': 'application/x-www-form-urlencoded' };
  const own = { Origin: `http://127.0.0.1:${port}` };
  const token = JSON.parse((await plainGet(port, '/api/me', mine)).text).csrf;
  const act = async (headers) => (await plainGet(port, '/api/do',
    Object.assign({ 'Content-Length': 21 }, mine, headers), 'POST', 'verb=retry&argument=7')).status;
  check.equal(await act({}), 403, 'no action without origin and token');
  check.equal(await act({ 'X-Qianzhi-Token': token }), 403, 'no action without an origin');
  check.equal(await act({ Origin: 'http://evil.example', 'X-Qianzhi-Token': token }), 403, 'none from elsewhere');
  check.equal(await act(Object.assign({ 'X-Qianzhi-Token': '0'.repeat(64) }, own)), 403, 'none with another token');
  check.equal(await act(Object.assign({ 'X-Qianzhi-Token': token }, own)), 200, 'and one with both');
  check.equal((await plainGet(port, '/api/status', Object.assign({}, mine, { Host: 'evil.example' }))).status, 403,
    'a forged Host is refused');
  await checkActions(page);
  await checkKeys(page);
  const viewer = await newPage(browser, 'light', 1280, 'zh', false);
  await viewer.goto(`http://127.0.0.1:${port}${await fixture.ask('viewer')}`);
  await viewer.goto(`http://127.0.0.1:${port}/#/queue`);
  await viewer.waitForSelector('#quarantine td button');
  check.that(await viewer.locator('#quarantine td button').first().isDisabled(), 'who may look only cannot retry');
  await page.locator('#top button').last().click();
  await page.waitForSelector('body.door');
  check.has(await page.locator('body').innerText(), 'sudo -u qianzhi qianzhi web', 'signed out: how to come back');
  await page.screenshot({ path: path.join(screenshots, 'app-sign-in-zh-light-1280.png'), fullPage: true });
}

async function checkActions(page) {
  await page.click('#nav a[href="#/queue"]');
  await page.locator('#quarantine td button').first().click();
  await page.waitForSelector('#message');
  check.has(await page.locator('#message').innerText(), '将重试', 'a retry is told');
  check.equal(await page.locator('#said').innerText(), '将重试', 'and said to who hears the page');
  await page.click('#nav a[href="#/hub"]');
  await page.locator('#link button').click();
  await page.waitForSelector('.steps li.fail');
  check.equal(await page.locator('.steps li.ok').count(), 3, 'three steps pass');
  check.has(await page.locator('.steps li.fail').innerText(), 'QZ-LINK-004', 'the fourth says why not');
  check.has(await page.locator('.steps li').last().innerText(), '未进行', 'what was not reached is not called good');
  await page.screenshot({ path: path.join(screenshots, 'app-hub-test-zh-light-1280.png'), fullPage: true });
}

async function checkKeys(page) {
  await page.keyboard.press('8');
  await page.waitForSelector('#events .event');
  const before = await page.locator('#events .event').count();
  await page.keyboard.press('/');
  await page.keyboard.type('QZ-AGT-032');
  await page.waitForFunction((count) => document.querySelectorAll('#events .event').length < count, before);
  check.equal(await page.evaluate(() => document.activeElement.id), 'filter', 'the filter keeps the focus');
  check.equal(await page.locator('#events .event').count(), 1, 'the filter finds one event');
  await page.locator('#events .event summary').click();
  check.has(await page.locator('#events .event').innerText(), '原因', 'an event says its cause');
  await page.click('#language');
  check.equal(await page.locator('html').getAttribute('lang'), 'en', 'the language changes');
  check.that(!/[\u4e00-\u9fff]/.test(await page.locator('#nav').innerText()), 'English is complete in the sections');
  await page.click('#language');
  await page.selectOption('#theme', 'dark');
  check.equal(await page.locator('html').getAttribute('data-theme'), 'dark', 'the theme changes');
}

// The agent ends; the page says so, keeps what it knew, and comes back by itself when it may.
async function checkLost(browser, fixture) {
  const page = await newPage(browser, 'light', 1280, 'zh', false);
  await page.goto(`http://127.0.0.1:${fixture.ports.lost}/`);
  await settle(page);
  const known = await page.locator('#publications').innerText();
  await fixture.ask('stop lost');
  await page.waitForSelector('.verdict.lost');
  check.has(await page.locator('#verdict').innerText(), '2026-03-02 10:30:00', 'since when the agent is silent');
  check.equal((await page.locator('#publications').innerText()).replace(/\d+ 秒前|刚刚/g, ''),
    known.replace(/\d+ 秒前|刚刚/g, ''), 'the last figures stay');
  await page.context().close();
}

// The shipped program, which has no configuration yet; then nobody is there.
async function checkAgent(browser) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'qianzhi-page-'));
  const portFile = path.join(folder, 'port');
  const seen = once(fs.watch(folder), 'change');
  const agent = spawn(agentProgram, ['run', '-c', path.join(folder, 'agent.yaml'), '--wait', '--port-file', portFile],
    { stdio: 'ignore' });
  const ended = once(agent, 'exit');
  await seen;
  const portOf = () => Number((fs.existsSync(portFile) ? fs.readFileSync(portFile, 'utf8') : '').split('\n')[0]);
  while (!portOf() && agent.exitCode === null) await new Promise(setImmediate);
  const page = await newPage(browser, 'light', 1280, 'zh', false);
  await page.goto(`http://127.0.0.1:${portOf()}/`);
  await settle(page);
  check.equal(await page.locator('#word').innerText(), states.not_configured[0], 'a real agent not configured');
  agent.kill('SIGKILL');
  await ended;
  await page.waitForSelector('.verdict.lost');
  check.equal(await page.locator('#word').innerText(), states.lost[0], 'a real agent that was killed');
  await page.context().close();
  fs.rmSync(folder, { recursive: true });
}

async function checkSize(fixture) {
  let octets = 0;
  for (const target of ['/', '/app.js', '/words.js', '/app.css']) {
    const reply = await plainGet(fixture.ports.well, target, { 'Accept-Encoding': 'gzip' });
    check.equal(reply.headers['content-encoding'], 'gzip', `${target} comes compressed`);
    octets += Number(reply.headers['content-length']);
    const again = await plainGet(fixture.ports.well, target, { 'If-None-Match': reply.headers.etag });
    check.equal(again.status, 304, `${target} is not sent twice`);
  }
  check.that(octets <= 120 * 1024, `four files of ${octets} octets`);
  const metrics = await plainGet(fixture.ports.failed, '/metrics');
  fs.writeFileSync(path.join(screenshots, 'metrics.txt'), metrics.text);
  check.has(metrics.text, 'qianzhi_publication_stopped{topic="commerce.change_registration"} 1', 'metrics');
  check.equal((await plainGet(fixture.ports.failed, '/readyz')).status, 503, 'a failed agent is not ready');
  check.equal((await plainGet(fixture.ports.retrying, '/readyz')).text, 'ready\n', 'one whose hub is away is');
  return octets;
}

async function run() {
  const { chromium } = loadPlaywright();
  fs.mkdirSync(screenshots, { recursive: true });
  const fixture = await startFixture(fixtureProgram, served);
  const browser = await chromium.launch({ executablePath: browserProgram, args: browserArguments });
  const requests = [];
  const octets = await checkSize(fixture);
  await checkStates(browser, fixture, requests);
  await checkRoutes(browser, fixture);
  await checkSignIn(browser, fixture, requests);
  await checkLost(browser, fixture);
  await checkAgent(browser);
  await browser.close();
  fixture.stop();
  for (const url of requests)
    check.that(/^(http:\/\/127\.0\.0\.1:|data:)/.test(url), `a request left loopback: ${url}`);
  console.log(`${check.passed} checks passed, ${check.failures.length} failed; ${requests.length} requests`);
  console.log(`${octets} octets in four files; screenshots in ${screenshots}`);
  process.exit(check.failures.length === 0 ? 0 : 1);
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
