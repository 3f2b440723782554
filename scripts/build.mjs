// Builds the project: TypeScript to dist/, the addon to build/Release/sluice.node. Plain node, nothing to install first.
//
//   node scripts/build.mjs [--ts] [--native] [--if-needed] [--werror] [--san] [--quiet]
//
// --ts, --native  one of the two only            --if-needed  TypeScript too only when dist/ is older than src/
// --werror        compiler warnings are errors    --san        with AddressSanitizer and UBSan (the caller builds again after)
// --quiet         say nothing when there is nothing to do
//
// The addon is built only when it is older than its sources or was built with other flags. Without a compiler the build goes
// on and sluice runs over its js transport.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

// SLUICE_BUILD_ROOT: a copy of the project to build in place of this one (sanitizer runs keep build/Release as it is).
const root = process.env['SLUICE_BUILD_ROOT'] ?? fileURLToPath(new URL('..', import.meta.url));
const flags = new Set(process.argv.slice(2));
const known = ['--ts', '--native', '--if-needed', '--werror', '--san', '--quiet'];
for (const flag of flags) {
  if (!known.includes(flag)) {
    console.error(`build: unknown option ${flag}; there are ${known.join(', ')}`);
    process.exit(1);
  }
}
const doTs = flags.has('--ts') || !flags.has('--native');
const doNative = flags.has('--native') || !flags.has('--ts');
const quiet = flags.has('--quiet');

const say = (text) => {
  if (!quiet) console.log(`build: ${text}`);
};

/** Every file below `dir` (absolute), or `dir` itself when it is a file. */
function filesBelow(dir) {
  if (!existsSync(dir)) return [];
  if (!statSync(dir).isDirectory()) return [dir];
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => filesBelow(path.join(dir, entry.name)));
}

const newest = (...places) =>
  Math.max(0, ...places.flatMap((place) => filesBelow(path.join(root, place))).map((file) => statSync(file).mtimeMs));

/** Script of a package's command, looked for from the project upwards as node does. */
function packageFile(relative) {
  for (let dir = root; ; dir = path.dirname(dir)) {
    const file = path.join(dir, 'node_modules', relative);
    if (existsSync(file)) return file;
    if (path.dirname(dir) === dir) throw new Error(`build: ${relative} is missing; run "npm ci" first`);
  }
}

/** Notes a build as of its start: what was edited while it ran is newer. */
function mark(stamp, text, startedMs) {
  writeFileSync(stamp, text);
  utimesSync(stamp, startedMs / 1000, startedMs / 1000);
}

function buildTypeScript() {
  const dist = path.join(root, 'dist');
  const main = path.join(dist, 'main.js');
  const stamp = path.join(dist, '.built');
  const sources = newest('src', 'tsconfig.json', 'package.json');
  if (flags.has('--if-needed') && existsSync(stamp) && statSync(stamp).mtimeMs > sources) return true;
  const started = Date.now();
  const tsc = packageFile('@typescript/native/bin/tsc');
  const run = spawnSync(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.json')], {
    stdio: 'inherit',
    cwd: root,
  });
  if (run.status !== 0) {
    console.error('build: TypeScript has errors');
    rmSync(stamp, { force: true });
    return false;
  }
  for (const file of filesBelow(dist)) {
    if (statSync(file).mtimeMs < started && !sourceOf(dist, file)) rmSync(file); // its source is gone
  }
  // npm's bin: an executable with a shebang.
  if (existsSync(main)) {
    if (!readFileSync(main, 'utf8').startsWith('#!')) console.error('build: dist/main.js has no shebang line');
    chmodSync(main, 0o755);
  }
  mark(stamp, '', started);
  say(`TypeScript in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return true;
}

/** True when the source of a file under dist/ is still there. */
function sourceOf(dist, file) {
  const name = path.relative(dist, file).replace(/(\.d\.ts|\.js)(\.map)?$/, '');
  return existsSync(path.join(root, 'src', `${name}.ts`));
}

/** The prefix that holds node's own headers; undefined lets node-gyp fetch them. */
function nodeDir() {
  const prefix = path.resolve(process.execPath, '../..');
  return existsSync(path.join(prefix, 'include/node/node_api.h')) ? prefix : undefined;
}

function compilerMissing() {
  const wanted = {
    'a C++ compiler (g++, clang++ or $CXX)': [process.env['CXX'], 'c++', 'g++', 'clang++'],
    make: ['make', 'gmake'],
    python3: ['python3'],
  };
  for (const [what, names] of Object.entries(wanted)) {
    const found = names.some(
      (name) => name && spawnSync(name.split(' ')[0], ['--version'], { stdio: 'ignore' }).status === 0,
    );
    if (!found) return what;
  }
  return '';
}

function buildNative() {
  const addon = path.join(root, 'build/Release/sluice.node');
  const stamp = path.join(root, 'build/sluice-build.json');
  const want = { san: flags.has('--san'), werror: flags.has('--werror'), abi: process.versions.modules };
  if (!existsSync(path.join(root, 'binding.gyp'))) {
    say('no binding.gyp, no addon');
    return true;
  }
  const had = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : {};
  const sameFlags = had.san === want.san && had.abi === want.abi && (had.werror || !want.werror);
  if (sameFlags && existsSync(addon) && statSync(stamp).mtimeMs > newest('native', 'binding.gyp')) return true;
  const missing = compilerMissing();
  if (missing !== '') {
    const level = want.werror || want.san ? 'error' : 'note';
    console.error(
      `build: ${level}: ${missing} was not found, so the native addon is not built. sluice runs without it over the js ` +
        `transport (no splice, more CPU). On Debian: apt-get install g++ make python3, then npm run build.`,
    );
    return level === 'note';
  }
  const started = Date.now();
  const prefix = nodeDir();
  const env = { ...process.env };
  if (prefix !== undefined) env['npm_config_nodedir'] = prefix;
  env['npm_config_jobs'] ??= '2';
  const defines = [...(want.werror ? ['-Dsluice_werror=1'] : []), ...(want.san ? ['-Dsluice_san=1'] : [])];
  const gyp = (command, extra) =>
    spawnSync(process.execPath, [packageFile('node-gyp/bin/node-gyp.js'), command, '--loglevel=warn', ...extra], {
      cwd: root,
      env,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
  const forGyp = defines.length > 0 ? ['--', ...defines] : [];
  // The same flags as before: only what changed is compiled.
  let run = gyp(sameFlags ? 'configure' : 'rebuild', forGyp);
  if (sameFlags && run.status === 0) run = gyp('build', []);
  if (run.status !== 0) {
    console.error(`${run.stdout}${run.stderr}`);
    console.error('build: the native addon does not build');
    return false;
  }
  if (run.stderr.includes('warning:')) console.error(run.stderr);
  mark(stamp, JSON.stringify(want), started);
  say(`addon in ${((Date.now() - started) / 1000).toFixed(1)} s${defines.length > 0 ? ` (${defines.join(' ')})` : ''}`);
  return true;
}

const nativeOk = doNative ? buildNative() : true;
const tsOk = doTs ? buildTypeScript() : true;
process.exit(nativeOk && tsOk ? 0 : 1);
