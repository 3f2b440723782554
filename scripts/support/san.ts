// A sanitizer build that leaves build/Release alone: a copy of what the native tests need under .tmp/san, built with
// AddressSanitizer and UndefinedBehaviorSanitizer. node_modules is found upwards, in the project itself.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const COPIED = ['src', 'native', 'test/native', 'test/support', 'binding.gyp', 'package.json', 'tsconfig.json'];

export function sanRoot(root: string): string {
  return path.join(root, '.tmp/san');
}

/** Makes `to` what `from` is, touching only what differs: a run that goes on at the same time is not disturbed. */
function mirror(from: string, to: string): void {
  if (!existsSync(from)) {
    rmSync(to, { recursive: true, force: true });
  } else if (statSync(from).isDirectory()) {
    mkdirSync(to, { recursive: true });
    for (const name of new Set([...readdirSync(from), ...readdirSync(to)]))
      mirror(path.join(from, name), path.join(to, name));
  } else if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) {
    cpSync(from, to, { preserveTimestamps: true });
  }
}

/** Copies the sources (their times kept, so that an unchanged addon is not built again) and builds. Throws on failure. */
export function buildSan(root: string): void {
  const to = sanRoot(root);
  mkdirSync(to, { recursive: true });
  for (const what of COPIED) {
    mkdirSync(path.dirname(path.join(to, what)), { recursive: true });
    mirror(path.join(root, what), path.join(to, what));
  }
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--native', '--san', '--werror'], {
    stdio: 'inherit',
    env: { ...process.env, SLUICE_BUILD_ROOT: to },
  });
  const linked = execFileSync('ldd', [path.join(to, 'build/Release/sluice.node')], { encoding: 'utf8' });
  if (!linked.includes('libasan')) throw new Error('the sanitizer build is not linked with libasan');
}

/** What a process needs in its environment to load the sanitizer build. */
export function sanEnv(): Record<string, string> {
  const libasan = execFileSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  return {
    LD_PRELOAD: libasan,
    ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0:exitcode=99',
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    SLUICE_NATIVE: '1',
  };
}
