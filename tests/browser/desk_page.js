// S2.3, S4.3, S1.8, E: the desk's pages in a real browser: signing in, a case from the list to its end, every part in
// both languages and both schemes, by keyboard, and narrow. Usage: node desk_page.js FIXTURE SCREENSHOT-FOLDER
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { browserProgram, browserArguments, closePage, loadPlaywright, lookAt, mainText, openPage, startFixture,
  Checks } = require('./browser.js');

const [fixtureProgram, screenshots] = process.argv.slice(2);
const check = new Checks();
let fixture;

const at = (desk, where = '/') => `http://127.0.0.1:${fixture.ports[desk]}${where}`;

const open = (browser, options) => openPage(browser, check, options);

async function signIn(page, desk, name) {
  await page.goto(at(desk));
  await page.locator('#token').fill(`${name}-0123456789012345678901234567`);
  await page.locator('main button').click();
}

const done = (page) => closePage(page, check, /^(http:\/\/127\.0\.0\.1:|data:)/);

const look = (page, what, all) => lookAt(page, check, path.join(screenshots, `desk-${what}`), all);

async function parts(browser) {
  const seen = {
    '/': ['在办案件', 'open cases'], '/cases': ['广州市启航贸易有限公司', 'Due'],
    '/reports': ['漏管户统计', 'Firms that slipped through'], '/reports/slipped': ['87.5', 'without tax'],
    '/figures?by=office': ['荔湾税务所', 'On time'], '/notices': ['最近的通知', 'Latest notices'],
    '/feeds': ['没有配置公开数据', 'No feeds'], '/review': ['广州启航贸易', 'The same'],
    '/lookup': ['用途', 'Purpose'], '/health': ['各部分', 'Parts'], '/cases/new': ['法律依据', 'Legal basis'],
  };
  const page = await open(browser);
  await signIn(page, 'town', 'wang');
  for (const language of ['zh', 'en']) {
    if (language === 'en') await page.getByRole('link', { name: 'English' }).click();
    for (const [where, words] of Object.entries(seen)) {
      await page.goto(at('town', where));
      check.has(await mainText(page), words[language === 'zh' ? 0 : 1], `${where} ${language}`);
      check.equal(await page.locator('html').getAttribute('lang'), language === 'zh' ? 'zh-CN' : 'en', where);
      check.equal(await page.locator('nav [aria-current=page]').count(), 1, `${where} is marked in the navigation`);
      const name = where.replace(/^\//, '').replace(/\?.*/, '').replace(/\//g, '-') || 'overview';
      await look(page, `${name}-${language}`, true);
    }
  }
  await done(page);
}

async function workOnCase(browser) {
  const first = await open(browser);
  await signIn(first, 'town', 'wang');
  await first.getByRole('link', { name: '案件' }).first().click();
  await first.getByRole('link', { name: '广州市启航贸易有限公司' }).click();
  check.has(await mainText(first), '荔湾区中山七路12号', 'the evidence');
  await look(first, 'case-zh', true);
  await first.getByRole('link', { name: 'English' }).click();
  await look(first, 'case-en', true);
  await done(first);
  const page = await open(browser);
  await signIn(page, 'town', 'li');
  await page.goto(at('town', '/cases'));
  check.that(!(await mainText(page)).includes('东山百货'), 'another office\'s cases are not shown');
  await page.getByRole('link', { name: '广州市启航贸易有限公司' }).click();
  await page.locator('summary', { hasText: '登记结果' }).press('Enter');
  await page.getByLabel('找到企业未登记').check();
  await page.locator('#day').fill('2008-03-01');
  await look(page, 'case-form');
  await page.getByRole('button', { name: '登记结果' }).click();
  check.has(await mainText(page), '结果已登记', 'it was done');
  check.has(await mainText(page), '找到企业未登记', 'and is in the history');
  await look(page, 'case-done');
  await page.locator('summary', { hasText: '添加备注' }).click();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.locator('summary', { hasText: '催办' }).click();
  await other.getByRole('button', { name: '催办' }).click();
  await page.locator('#reason-note').fill('企业承诺三日内办理');
  await page.getByRole('button', { name: '添加备注' }).click();
  check.has(await mainText(page), 'QZ-DSK-126', 'somebody else was faster');
  check.equal(await page.locator('#reason-note').inputValue(), '企业承诺三日内办理', 'what was typed is kept');
  await look(page, 'case-conflict');
  await page.goto(at('town', '/health'));
  check.has(await mainText(page), 'QZ-DSK-121', 'the state of all is not an officer\'s');
  await look(page, 'refused');
  await done(page);
}

async function others(browser) {
  const page = await open(browser);
  await page.goto(at('town', '/cases'));
  check.that(page.url().endsWith('/sign-in'), 'without a session there is only the sign-in');
  await look(page, 'sign-in');
  await page.locator('#token').fill('wrong');
  await page.locator('main button').click();
  check.has(await mainText(page), 'QZ-DSK-217', 'a wrong token');
  await look(page, 'sign-in-refused');
  await signIn(page, 'town', 'wang');
  await page.goto(at('town', '/cases'));
  await page.keyboard.press('Tab');
  check.equal(await page.evaluate(() => document.activeElement.className), 'skip',
    'the first stop skips to the content');
  await page.locator('#text').fill('启航');
  await page.locator('#text').press('Enter');
  check.has(await mainText(page), '广州市启航贸易有限公司', 'found');
  check.that(!page.url().includes('%'), 'what was looked for is not in the address');
  await look(page, 'found');
  await page.goto(at('town', '/lookup'));
  await page.locator('#by').selectOption('name');
  await page.locator('#text').fill('启航');
  await page.locator('#purpose').fill('核对登记');
  await page.getByRole('button', { name: '查询' }).click();
  check.has(await mainText(page), '陈**', 'masked');
  await look(page, 'looked-up');
  await page.goto(at('town', '/review'));
  await page.getByRole('button', { name: '不是同一户' }).first().click();
  check.has(await mainText(page), '判定已保存', 'decided');
  await page.getByRole('button', { name: '撤回' }).first().click();
  check.has(await mainText(page), '判定已保存', 'taken back');
  await done(page);
  const broken = await open(browser);
  await signIn(broken, 'broken', 'wang');
  check.has(await mainText(broken), '数据比对程序没有在运行', 'the desk does not run');
  await look(broken, 'broken', true);
  await broken.goto(at('broken', '/health'));
  await look(broken, 'broken-health');
  await done(broken);
}

async function main() {
  const { chromium } = loadPlaywright();
  fs.mkdirSync(screenshots, { recursive: true });
  fixture = await startFixture(fixtureProgram, 2);
  const browser = await chromium.launch({ executablePath: browserProgram, args: browserArguments });
  try {
    await parts(browser);
    await workOnCase(browser);
    await others(browser);
  } finally {
    await browser.close();
    fixture.stop();
  }
  console.log(`${check.passed} checks passed, ${check.failures.length} failed`);
  process.exit(check.failures.length === 0 ? 0 : 1);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
