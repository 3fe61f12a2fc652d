// E: the plain status page in a real browser: true figures, both languages, nothing from outside, nothing executed.
// Usage: node plain_page.js FIXTURE SCREENSHOT-FOLDER
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { browserProgram, browserArguments, loadPlaywright, startFixture, faultsOf, Checks } = require('./browser.js');

const [fixtureProgram, screenshots] = process.argv.slice(2);
const names = ['well', 'attention', 'failed', 'starting'];
const served = 15;
const hostile = "<script>document.title='owned'</script>\" onload='x' &amp; \uFFFD kcab";
const check = new Checks();

const digits = (text) => text.replaceAll(',', '');
const sum = (lines, field) => lines.reduce((total, line) => total + BigInt(line[field]), 0n).toString();

async function cells(page, section) {
  return page.$$eval(`#${section} tr`, (rows) =>
    rows.slice(1).map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
}

async function station(page, strip, index) {
  return digits(await page.locator(`#${strip} li`).nth(index).innerText());
}

// What every page must hold, whatever it says.
async function checkFrame(page, name, state) {
  const what = `${name} ${state.verdict}`;
  const shape = await page.evaluate(() => {
    const wide = [...document.querySelectorAll('.wide')].filter((box) => box.scrollWidth > box.clientWidth);
    const sizes = [...document.querySelectorAll('body *')]
      .filter((item) => [...item.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
      .map((item) => parseFloat(getComputedStyle(item).fontSize));
    return {
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      wide: wide.length,
      scripts: document.scripts.length,
      handlers: [...document.querySelectorAll('*')].filter((item) => item.hasAttribute('onload')).length,
      smallest: Math.min(...sizes),
    };
  });
  check.equal(shape.overflow <= 0, true, `${what}: the page does not scroll sideways (${shape.overflow} px)`);
  check.equal(shape.wide, 0, `${what}: no table scrolls sideways`);
  check.equal(shape.scripts, 0, `${what}: no script`);
  check.equal(shape.handlers, 0, `${what}: no attribute broke out`);
  check.that(shape.smallest >= 14, `${what}: smallest text is ${shape.smallest} px`);
  const header = await page.locator('header').innerText();
  check.has(header, state.agent, what);
  check.has(header, state.version, what);
  check.has(header, '2026-03-02 10:30:00 (UTC+08:00)', what);
}

async function checkFigures(page, name, state) {
  const published = await cells(page, 'publications');
  check.equal(published.length, state.publications.length, `${name}: publications shown`);
  published.forEach((row, at) => {
    const line = state.publications[at];
    const known = line.last !== '';
    const fields = ['sealed_rows', 'refilled_rows', 'receipted_rows', 'waiting_rows', 'quarantined'];
    fields.forEach((field, offset) =>
      check.equal(digits(row[4 + offset]), known ? line[field] : '–', `${name}: ${line.topic} ${field}`));
    check.equal(row[9], known ? `${line.receipted} / ${line.last}` : '–', `${name}: ${line.topic} position`);
    check.has(row[1], line.table, name);
    check.has(row[0], line.topic, name);
    if (line.code !== '') check.has(row[2], line.code, name);
  });
  const received = await cells(page, 'lanes');
  check.equal(received.length, state.lanes.length, `${name}: streams shown`);
  received.forEach((row, at) => {
    const line = state.lanes[at];
    check.equal(row[0], line.topic, `${name}: topic`);
    check.equal(digits(row[5]), line.upserted, `${name}: ${line.topic} upserted`);
    check.equal(digits(row[6]), line.removed, `${name}: ${line.topic} removed`);
    check.equal(digits(row[7]), line.quarantined, `${name}: ${line.topic} set aside`);
    if (line.head !== '0.0') check.equal(row[8], `${line.mark} / ${line.head}`, `${name}: ${line.topic} position`);
    if (line.code !== '') check.has(row[3], line.code, name);
  });
  const aside = await cells(page, 'quarantine');
  check.equal(aside.length, state.quarantine.length, `${name}: quarantine shown`);
  aside.forEach((row, at) => {
    const line = state.quarantine[at];
    check.equal(row[0], line.id, `${name}: quarantine id`);
    check.has(row[4], line.code, name);
    check.has(row[4], line.detail, name);
  });
  const sealed = sum(state.publications, 'sealed_rows');
  const waiting = sum(state.publications, 'waiting_rows');
  check.has(await station(page, 'path-out', 1), sealed, `${name}: capture`);
  check.has(await station(page, 'path-out', 2), waiting, `${name}: queue`);
  check.has(await station(page, 'path-out', 3), sum(state.publications, 'waiting_batches'), `${name}: send`);
  check.has(await station(page, 'path-out', 4), sum(state.publications, 'receipted_rows'), `${name}: receipt`);
  if (state.lanes.length !== 0)
    check.has(await station(page, 'path-in', 1), sum(state.lanes, 'upserted'), `${name}: target`);
}

const chinese = {
  well: ['● 正常', '提供的数据已全部取得回执。交换中心已有的数据都已写入本机。'],
  attention: ['↻ 重试中', '连不上中心（uplink 等 2 处，已持续 12 分钟）。4,120 行已保存在本机队列中。',
    '下一步：', 'qianzhi explain QZ-LINK-002'],
  failed: ['✕ 故障', '源表结构改变，该发布已停止（commerce.change_registration）。', '下一步：',
    'qianzhi check --live', 'qianzhi explain QZ-AGT-032'],
  starting: ['◔ 启动中', '正在等待交换中心的目录', '下一步：', 'qianzhi check --live'],
};
const english = {
  well: ['● In order', 'Everything provided has its receipt. What the hub has is written here.'],
  attention: ['↻ Retrying', 'no connection to the hub (uplink and 1 more, for 12 min).',
    '4,120 rows kept in the queue here.', 'Next: ', 'qianzhi explain QZ-LINK-002'],
  failed: ['✕ Failed',
    "the source table's structure changed, this publication is stopped (commerce.change_registration)."],
  starting: ['◔ Starting', "Waiting for the hub's directory; nothing is exchanged before it is here."],
};

async function checkPage(page, name, port, language) {
  await page.goto(`http://127.0.0.1:${port}/plain?lang=${language}`);
  return page;
}

async function visit(context, name, port, language, requests) {
  const page = await context.newPage();
  page.on('request', (request) => requests.push(request.url()));
  page.on('dialog', () => check.that(false, `${name}: a dialog opened`));
  page.on('pageerror', (error) => check.that(false, `${name}: ${error}`));
  await checkPage(page, name, port, language);
  const state = await (await context.request.get(`http://127.0.0.1:${port}/api/status`)).json();
  await checkFrame(page, `${name} ${language}`, state);
  await checkFigures(page, `${name} ${language}`, state);
  const verdict = await page.locator('#verdict').innerText();
  for (const text of (language === 'zh' ? chinese : english)[name]) check.has(verdict, text, `${name} ${language}`);
  return page;
}

async function checkAttention(page) {
  check.equal(await page.locator('h1').innerText(), hostile, 'a hostile name is text');
  check.equal(await page.title(), `${hostile} · 前置`, 'a hostile name is text in the title');
  const lanes = await cells(page, 'lanes');
  check.equal(lanes[1][8], '1.40 / 未知', 'a head never heard of is unknown');
  check.equal(lanes[1][3], '? 未知', 'so is whether its stream is in order');
  const published = await cells(page, 'publications');
  check.equal(digits(published[0][4]), '9007199254740993', 'numbers beyond 2^53 are exact');
  check.has(await page.locator('#findings').innerText(), hostile, 'a hostile detail is text');
  const quarantine = await page.locator('#quarantine').innerText();
  check.has(quarantine, 'qianzhi quarantine show ID', 'the next step for quarantine');
  check.has(await station(page, 'path-out', 3), '▲ 中断', 'sending is interrupted');
  check.has(await station(page, 'path-out', 2), '1 GiB / 20 GiB', 'the queue and its limit');
}

async function checkStarting(page, port) {
  check.has(await page.locator('#facts').innerText(), '未知', 'an unknown directory is unknown');
  check.has(await station(page, 'path-out', 0), '? 未知', 'a database never read is unknown');
  await page.goto(`http://127.0.0.1:${port}/plain`);
  check.has(await page.locator('#verdict').innerText(), 'Starting', 'the language of the configuration');
  await page.getByText('中文').click();
  check.has(await page.locator('#verdict').innerText(), '启动中', 'the link switches the language');
  check.equal(await page.locator('html').getAttribute('lang'), 'zh-CN', 'the language is declared');
}

// From another machine: TLS, name and password.
async function checkSignIn(context, port, colorScheme) {
  const page = await context.newPage();
  for (const language of ['en', 'zh']) {
    await page.goto(`https://127.0.0.1:${port}/?lang=${language}`);
    for (const fault of await faultsOf(page)) check.that(false, `sign-in ${language} ${colorScheme}: ${fault}`);
    await page.screenshot({ path: path.join(screenshots, `sign-in-${language}-${colorScheme}.png`) });
  }
  const enter = async (password) => {
    await page.getByLabel('账户名').fill('li');
    await page.getByLabel('密码').fill(password);
    await page.keyboard.press('Enter');
  };
  await enter('wrong');
  await page.getByText('QZ-PAGE-008').waitFor();
  await enter('Yue-Xiu-2024-Tax');
  await page.waitForURL(`https://127.0.0.1:${port}/`);
  await page.goto(`https://127.0.0.1:${port}/plain?lang=zh`);
  check.has(await page.locator('#verdict').innerText(), '正常', 'the page from another machine');
  const cookie = (await context.cookies(`https://127.0.0.1:${port}/`)).find((each) => each.name.startsWith('__Host-'));
  check.that(cookie && cookie.secure && cookie.httpOnly && cookie.sameSite === 'Strict', 'the cookie is kept close');
  await page.close();
}

async function run() {
  const { chromium } = loadPlaywright();
  fs.mkdirSync(screenshots, { recursive: true });
  const fixture = await startFixture(fixtureProgram, served);
  const browser = await chromium.launch({ executablePath: browserProgram, args: browserArguments });
  const requests = [];
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext(
      { viewport: { width: 1280, height: 800 }, colorScheme, ignoreHTTPSErrors: true });
    for (const name of names) {
      for (const language of ['zh', 'en']) {
        const page = await visit(context, name, fixture.ports[name], language, requests);
        const picture = path.join(screenshots, `${name}-${language}-${colorScheme}.png`);
        await page.screenshot({ path: picture, fullPage: true });
        if (language === 'zh' && name === 'attention') await checkAttention(page);
        if (language === 'zh' && name === 'starting') await checkStarting(page, fixture.ports[name]);
        await page.close();
      }
    }
    await checkSignIn(context, fixture.ports.remote, colorScheme);
    await context.close();
  }
  await browser.close();
  fixture.stop();
  check.that(requests.length >= 32, `requests were seen: ${requests.length}`);
  for (const url of requests)
    check.that(/^(http:\/\/127\.0\.0\.1:|data:)/.test(url), `a request left loopback: ${url}`);
  console.log(`${check.passed} checks passed, ${check.failures.length} failed; ${requests.length} requests`);
  console.log(`screenshots in ${screenshots}`);
  process.exit(check.failures.length === 0 ? 0 : 1);
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
