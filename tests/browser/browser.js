// Starts the fixture and the browser for one test program, and checks without stopping at the first failure.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const readline = require('node:readline');

const browserProgram = process.env.CHROMIUM || '/usr/bin/chromium';
const browserArguments = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-first-run',
];

function loadPlaywright() {
  try {
    return require('playwright-core');
  } catch (error) {
    console.error('playwright-core is missing: run packaging/test once, or\n  mkdir -p build/browser && ' +
      'cp tests/browser/package.json build/browser/ && npm install --prefix build/browser --no-package-lock');
    process.exit(1);
  }
}

// Resolves to { ports: {name: port}, ask(line), stop() } once `count` pages are served; ask() resolves to VALUE
// when the fixture answers "done VALUE".
function startFixture(program, count) {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ports = {};
  const asked = [];
  const ask = (line) => new Promise((answered) => {
    asked.push(answered);
    child.stdin.write(line + '\n');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error('the fixture ended early')));
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      const [name, port] = line.split(' ');
      if (name === 'done') return asked.shift()(port);
      ports[name] = Number(port);
      if (Object.keys(ports).length === count) resolve({ ports, ask, stop: () => child.stdin.end() });
    });
  });
}

// What every page must hold: nothing scrolls sideways, no text is tiny, each stands out from its ground (WCAG AA),
// every control has a name, headings and landmarks are there once. Resolves to a list of what is wrong.
async function faultsOf(page) {
  return page.evaluate(() => {
    const faults = [];
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (over > 0) faults.push(`scrolls sideways by ${over} px`);
    if (document.scripts.length !== 0) faults.push('has a script');
    // The driver leaves empty ones behind.
    const inline = document.querySelectorAll('[onload],[onclick],[style]:not([style=""])');
    if (inline.length !== 0) faults.push('has inline code or style');
    if (document.querySelectorAll('h1').length !== 1) faults.push('has not one h1');
    if (document.querySelectorAll('main').length !== 1) faults.push('has not one main');
    if (!document.documentElement.lang) faults.push('names no language');
    const channel = (value) =>
      (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const colour = (text) => text.match(/[\d.]+/g).map(Number);
    const ground = (item) => {
      for (let at = item; at; at = at.parentElement) {
        const found = colour(getComputedStyle(at).backgroundColor);
        if (found.length < 4 || found[3] !== 0) return found;
      }
      return [255, 255, 255];
    };
    const texts = [...document.querySelectorAll('body *')].filter((item) => item.checkVisibility() &&
      [...item.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''));
    for (const item of texts) {
      const style = getComputedStyle(item);
      const size = parseFloat(style.fontSize);
      if (size < 14) faults.push(`${size} px: ${item.innerText.slice(0, 30)}`);
      const [a, b] = [light(colour(style.color)), light(ground(item))].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${item.innerText.slice(0, 30)}`);
    }
    for (const item of document.querySelectorAll('input:not([type=hidden]), textarea:not([hidden])'))
      if (item.labels.length === 0) faults.push(`no label: ${item.name}`);
    for (const item of document.querySelectorAll('a, button'))
      if (item.checkVisibility() && item.innerText.trim() === '' && !item.classList.contains('skip'))
        faults.push('a control without a name');
    const ids = [...document.querySelectorAll('[id]')].map((item) => item.id);
    if (new Set(ids).size !== ids.length) faults.push('an id comes twice');
    return faults;
  });
}

// What axe-core holds to be serious. Run from outside the page, whose policy lets no script in.
let axe = null;
async function seriousOf(page) {
  if (axe === null) {
    try {
      axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    } catch (error) {
      console.log('axe-core is missing: pages are checked without it');
      axe = '';
    }
  }
  if (axe === '') return [];
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run());
  return found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => `axe ${one.id}: ${one.nodes[0].html}`);
}

// Looks at a page as it is, and photographs it. With `all` also in dark and on a telephone, without loading it again.
async function lookAt(page, check, file, all = false) {
  await page.waitForLoadState();
  const once = async (name, faults) => {
    for (const fault of faults) check.that(false, `${path.basename(name)}: ${fault}`);
    check.that(true, name);
    await page.screenshot({ path: `${name}.png`, fullPage: true });
  };
  if (all) {
    const size = page.viewportSize();
    await page.emulateMedia({ colorScheme: 'dark' });
    await once(`${file}-dark`, await faultsOf(page));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 800 });
    await once(`${file}-390`, await faultsOf(page));
    await page.setViewportSize(size);
  }
  await once(all ? `${file}-light` : file, await faultsOf(page));
  // Last: it leaves its traces in the page.
  for (const fault of await seriousOf(page)) check.that(false, `${path.basename(file)}: ${fault}`);
}

// The code of RFC 6238 at a time in seconds.
function totp(secret, seconds) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const mac = crypto.createHmac('sha1', secret).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

function fromBase32(text) {
  let bits = '';
  for (const letter of text.replaceAll(' ', ''))
    bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from(bits.match(/.{8}/g).map((octet) => parseInt(octet, 2)));
}

// A page of its own, as a Chinese reader's; whatever goes wrong in it is a failed check. `requests` of its context are
// the addresses that it asked for.
async function openPage(browser, check, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 }, ignoreHTTPSErrors: true, locale: 'zh-CN', ...options,
  });
  context.requests = [];
  context.on('request', (request) => context.requests.push(request.url()));
  context.on('page', (page) => page.on('pageerror', (error) => check.that(false, `page: ${error}`)));
  const page = await context.newPage();
  page.on('dialog', () => check.that(false, 'a dialog opened'));
  return page;
}

// allowed: whom it may have asked.
async function closePage(page, check, allowed) {
  for (const url of page.context().requests)
    check.that(allowed.test(url), `a request left loopback: ${url}`);
  await page.context().close();
}

async function mainText(page) {
  await page.waitForLoadState();
  return page.locator('main').innerText();
}

class Checks {
  constructor() {
    this.passed = 0;
    this.failures = [];
  }
  that(is, what) {
    if (is) {
      this.passed += 1;
    } else {
      this.failures.push(what);
      console.error('FAILED: ' + what);
    }
  }
  equal(seen, expected, what) {
    this.that(seen === expected, `${what}: expected ${JSON.stringify(expected)}, saw ${JSON.stringify(seen)}`);
  }
  has(text, part, what) {
    this.that(text.includes(part), `${what}: ${JSON.stringify(part)} is not in ${JSON.stringify(text)}`);
  }
}

module.exports = {
  browserProgram, browserArguments, closePage, faultsOf, fromBase32, loadPlaywright, lookAt, mainText, openPage,
  startFixture, totp, Checks,
};
