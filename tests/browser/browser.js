// Starts the fixture and the browser for one test program, and checks without stopping at the first failure.
'use strict';

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

// Resolves to { ports: {name: port}, stop() } once `count` pages are served.
function startFixture(program, count) {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ports = {};
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error('the fixture ended early')));
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      const [name, port] = line.split(' ');
      ports[name] = Number(port);
      if (Object.keys(ports).length === count) resolve({ ports, stop: () => child.stdin.end() });
    });
  });
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

module.exports = { browserProgram, browserArguments, loadPlaywright, startFixture, Checks };
