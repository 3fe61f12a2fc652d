// E3, E8: the pages of a real hub and a real desk, as documents set them up, in a real browser: the first sign-in with
// its second factor, real agents, cases of received rows. Usage: PASSWORD= TOKEN= node real_pages.js SCREENSHOT-FOLDER
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { browserProgram, browserArguments, closePage, fromBase32, loadPlaywright, lookAt, mainText, openPage, totp,
  Checks } = require('./browser.js');

const [screenshots] = process.argv.slice(2);
const check = new Checks();
const hub = 'https://127.0.0.1:8444';
const desk = 'http://127.0.0.1:8095';

const look = (page, what) => lookAt(page, check, path.join(screenshots, `real-${what}`), true);
const open = (browser, options) => openPage(browser, check, options);
const done = (page) => closePage(page, check, /^(https?:\/\/127\.0\.0\.1:|data:)/);

// Every view holds these words, in both languages.
async function views(page, base, name, seen) {
  for (const language of ['zh', 'en']) {
    if (language === 'en') await page.getByRole('link', { name: 'English' }).click();
    for (const [where, words] of Object.entries(seen)) {
      await page.goto(base + where);
      for (const word of words) check.has(await mainText(page), word, `${name}${where} ${language}`);
      await look(page, `${name}${where.replaceAll('/', '-')}-${language}`);
    }
  }
}

async function ofHub(browser) {
  const page = await open(browser);
  await page.goto(hub);
  await page.locator('#name').fill('li');
  await page.locator('#password').fill(process.env.PASSWORD);
  await page.locator('main button').click();
  check.has(await mainText(page), '请更换初始密码', 'the first sign-in');
  await page.locator('#present').fill(process.env.PASSWORD);
  await page.locator('#next').fill('Another-Horse-8');
  await page.locator('#again').fill('Another-Horse-8');
  await page.locator('main form button').click();
  const secret = fromBase32(await page.locator('#secret').innerText());
  await page.locator('#code').fill(totp(secret, Date.now() / 1000));
  await page.locator('main form button').click();
  check.has(await mainText(page), '已启用', 'the second factor is in use');
  await page.goto(hub);
  check.has(await mainText(page), '2\n已连接', 'both agents are connected');
  await views(page, hub, 'hub', {
    '/': ['22'], '/agents': ['commerce-01', 'local-tax-01'], '/streams': ['commerce.opening_registration'],
    '/topics': ['commerce.opening_registration'], '/departments': ['local_tax'], '/certificates': ['commerce-01'],
  });
  await done(page);
}

async function ofDesk(browser) {
  const page = await open(browser);
  await page.goto(desk);
  await page.locator('#token').fill(process.env.TOKEN.trim());
  await page.locator('main button').click();
  await views(page, desk, 'desk', {
    '/': ['12'], '/cases': ['广州市启航7号贸易有限公司'], '/notices': ['list'], '/health': ['应办未办税务登记'],
  });
  check.has(await page.locator('footer').innerText(), '(UTC+08:00)', 'the page tells time as its cases do');
  await page.goto(`${desk}/cases`);
  await page.getByRole('link', { name: '启航7号' }).first().click();
  check.has(await mainText(page), '440103000000007', 'the case names its firm');
  await look(page, 'desk-case');
  await done(page);
}

async function run() {
  fs.mkdirSync(screenshots, { recursive: true });
  const browser = await loadPlaywright().chromium.launch({ executablePath: browserProgram, args: browserArguments });
  for (const step of [ofHub, ofDesk])
    await step(browser).catch((error) => check.that(false, `${step.name}: ${error.stack}`));
  await browser.close();
  console.log(`${check.passed} checks passed, ${check.failures.length} failed; screenshots in ${screenshots}`);
  process.exit(check.failures.length === 0 ? 0 : 1);
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
