// The package as a user gets it: packed, installed in an empty project, run, imported, required, loaded in a worker, used from
// TypeScript. Needs what npm has in its cache, or a registry.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const LIMIT_MS = 120_000;

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let dir = '';
let project = '';
let installed = '';

/** Runs a program in `cwd`, without anything of this test run in its environment. */
function run(
  command: string,
  args: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env: NodeJS.ProcessEnv = { ...process.env, ...more };
  for (const name of Object.keys(env))
    if (/^(SLUICE_|NODE_OPTIONS|NODE_TEST)/.test(name) && !(name in more)) delete env[name];
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}

async function good(command: string, args: readonly string[], cwd = project, env = {}): Promise<string> {
  const ended = await run(command, args, cwd, env);
  assert.equal(ended.status, 0, `${command} ${args.join(' ')}\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

function filesBelow(at: string): string[] {
  return readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(path.join(at, file)).isFile(),
  );
}

before(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'slt-'));
  project = path.join(dir, 'project');
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{ "name": "empty", "version": "1.0.0", "private": true }\n');
  const packed = await good('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', dir], ROOT);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--strict-allow-scripts'];
  await good('npm', ['install', ...options, path.join(dir, filename)]);
  installed = path.join(project, 'node_modules/sluice');
});

after(() => {
  rmSync(dir, { recursive: true, force: true });
});

test('the package holds what runs, and nothing that runs at installation', () => {
  const files = filesBelow(installed);
  const { scripts = {} } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>;
  };
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) assert.equal(scripts[hook], undefined, hook);
  assert.ok(!files.includes('binding.gyp'), 'a gyp file at the root is an install script');
  for (const file of [
    'dist/main.js',
    'dist/index.js',
    'dist/index.d.ts',
    'native/binding.gyp',
    'README.md',
    'LICENSE',
  ]) {
    assert.ok(files.includes(file), file);
  }
  const stray = files.filter(
    (file) => !/^(dist|native|prebuilds)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file),
  );
  assert.deepEqual(stray, []);
  assert.deepEqual(
    files.filter((file) => /(^|\/)\.|\.test\./.test(file)),
    [],
  );
});

test('the package names no path of the machine it was made on', () => {
  const found = filesBelow(installed).filter((file) => {
    const text = readFileSync(path.join(installed, file), 'latin1');
    return text.includes(ROOT) || text.includes(tmpdir() + path.sep + 'slt-');
  });
  assert.deepEqual(found, []);
});

test('the program is executable and runs under its name', async () => {
  const main = path.join(installed, 'dist/main.js');
  assert.ok(readFileSync(main, 'utf8').startsWith('#!/usr/bin/env -S node '));
  assert.equal(statSync(main).mode & 0o111, 0o111);
  const bin = path.join(project, 'node_modules/.bin/sluice');
  assert.match(await good(bin, ['-v']), /^HAProxy version 2\.6-sluice/);
  assert.match(await good(bin, ['--help']), /sluice tcp 8080 localhost:9090/);
  assert.match(await good('npx', ['--no-install', 'sluice', 'doctor']), /^transports$/m);
  const bad = await run(bin, ['tpc'], project);
  assert.equal(bad.status, 1);
});

/** Forwards an echo through a proxy made by \`createProxy\`, prints transport and text, and ends by itself. */
const ROUND = `
const net = require('node:net');
async function round(createProxy) {
  const origin = net.createServer({ allowHalfOpen: true }, (c) => c.pipe(c));
  await new Promise((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const config = 'listen a\\n mode tcp\\n bind 127.0.0.1:0\\n server s 127.0.0.1:' + origin.address().port + '\\n';
  const proxy = await createProxy({ config, allowPortZero: true }).start();
  let text = '';
  const c = net.connect(proxy.addresses[0].port, '127.0.0.1', () => c.end('hello'));
  for await (const chunk of c) text += chunk;
  const { transport } = proxy.stats().engine;
  await proxy.close();
  origin.close();
  return transport + ' ' + text;
}
`;

function write(name: string, text: string): string {
  const file = path.join(project, name);
  writeFileSync(file, text);
  return file;
}

test('import, require and a worker give the library, over js without an addon', async () => {
  write('round.cjs', `${ROUND}\nmodule.exports = round;\n`);
  const imported = write(
    'imported.mjs',
    `import { createProxy } from 'sluice';\nimport round from './round.cjs';\nconsole.log(await round(createProxy));\n`,
  );
  const required = write(
    'required.cjs',
    `const { createProxy } = require('sluice');\nrequire('./round.cjs')(createProxy).then(console.log);\n`,
  );
  const worker = write(
    'worker.mjs',
    `import { Worker, isMainThread, parentPort } from 'node:worker_threads';
     import { fileURLToPath } from 'node:url';
     import round from './round.cjs';
     if (isMainThread) new Worker(fileURLToPath(import.meta.url)).on('message', console.log).on('error', (e) => { throw e; });
     else parentPort.postMessage(await round((await import('sluice')).createProxy));
    `,
  );
  for (const file of [imported, required, worker])
    assert.equal(await good(process.execPath, [file]), 'js hello\n', file);
});

test('with the addon built it runs over epoll; the demonstration proves itself', async () => {
  const addon = path.join(ROOT, 'build/Release/sluice.node');
  assert.ok(existsSync(addon), 'the addon is built');
  const without = await good(path.join(project, 'node_modules/.bin/sluice'), ['demo', '--once']);
  assert.match(without, /^sluice demo, transport js,/);
  const place = path.join(installed, 'build/Release');
  mkdirSync(place, { recursive: true });
  copyFileSync(addon, path.join(place, 'sluice.node'));
  for (const file of ['imported.mjs', 'required.cjs', 'worker.mjs']) {
    assert.equal(await good(process.execPath, [path.join(project, file)]), 'epoll hello\n', file);
  }
  const shown = await good(path.join(project, 'node_modules/.bin/sluice'), ['demo', '--once'], project, {
    SLUICE_TRANSPORT: 'epoll',
  });
  assert.match(shown, /bytes \(\d+\.\d %\) stayed in the kernel/);
});

test('the types serve a strict TypeScript project, and the examples of the README are right', async () => {
  write(
    'use.ts',
    `import { ConfigError, createProxy, type SessionReport, type SluiceStats } from 'sluice';
     const proxy = createProxy({ config: 'listen a', onLog: (line) => console.log(line.level, line.message) });
     proxy.on('session', (s: SessionReport) => console.log(s.client?.host, s.bytesIn));
     proxy.on('listening', (addresses) => console.log(addresses[0]?.port));
     // The compiler must refuse these three.
     // REFUSED: proxy.on('sesion', () => undefined);
     // REFUSED: createProxy({});
     // REFUSED: createProxy({ config: '', file: 'x' });
     export async function main(): Promise<SluiceStats> {
       await using running = await proxy.start();
       try { return running.stats(); } catch (error) { if (error instanceof ConfigError) console.log(error.reports); throw error; }
     }
    `,
  );
  const options = {
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [path.join(ROOT, 'node_modules/@types')],
  };
  write('tsconfig.json', JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
  const tsc = path.join(ROOT, 'node_modules/.bin/tsc');
  await good(tsc, ['-p', project]);
  const examples = [...readFileSync(path.join(installed, 'README.md'), 'utf8').matchAll(/^```ts\n([^]*?)^```/gm)];
  assert.equal(examples.length, 2);
  const names = examples.map(([, text], i) => path.basename(write(`example${i}.mts`, text!)));
  write('tsconfig.json', JSON.stringify({ compilerOptions: options, files: names }));
  await good(tsc, ['-p', project]);
  write('tsconfig.json', JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
  const lines = readFileSync(path.join(project, 'use.ts'), 'utf8').split('\n');
  write('use.ts', lines.map((line) => line.replace('// REFUSED: ', '')).join('\n'));
  const refused = await run(tsc, ['-p', project], project);
  assert.equal(refused.stdout.match(/error TS/g)?.length, 3, refused.stdout);
});
