// What a start loads and looks at: no more than its arguments ask for.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lookAround } from '../../../src/runtime/startup.js';
import { TransportError } from '../../../src/runtime/transport-wish.js';

const SRC = new URL('../../../src/', import.meta.url);
const IMPORT = /^(?:import|export) (?!type )[^;]*?from '(\.[^']+)';/gms;

/** Sources below src/ that come with `entry` at once; what `import()` brings later is not among them. */
function loadedWith(entry: string): string[] {
  const seen = new Map<string, URL>();
  const visit = (at: URL): void => {
    const name = fileURLToPath(at).slice(fileURLToPath(SRC).length);
    if (seen.has(name)) return;
    seen.set(name, at);
    for (const [, to] of readFileSync(at, 'utf8').matchAll(IMPORT)) visit(new URL(to!.replace(/\.js$/, '.ts'), at));
  };
  visit(new URL(entry, SRC));
  return [...seen.keys()];
}

const within = (names: readonly string[], ...heads: string[]): string[] =>
  names.filter((name) => heads.some((head) => name.startsWith(head)));

test('the program loads nothing before it has read its arguments', () => {
  assert.deepEqual(loadedWith('main.ts'), ['main.ts', 'runtime/args.ts']);
});

test('-v and -cc load neither the words of the configuration nor the datapath nor a transport', () => {
  const names = loadedWith('runtime/program.ts');
  assert.ok(names.includes('config/conditions.ts'));
  assert.deepEqual(within(names, 'datapath/', 'config/keywords/', 'config/parser', 'sched/', 'observe/', 'proxy/'), []);
  assert.deepEqual(within(names, 'sys/js/js-sys', 'sys/uring.ts', 'runtime/transport.ts', 'runtime/engine'), []);
});

test('-c loads the words of the configuration, with what their samples read, and nothing that runs', () => {
  const names = loadedWith('runtime/program-config.ts');
  assert.ok(names.includes('config/parser.ts'));
  const running = ['analyse', 'backend', 'mux', 'stream-interface', 'session', 'stream/stream', 'xprt/raw', 'applet'];
  assert.deepEqual(within(names, ...running.map((r) => `datapath/${r}`), 'sys/js/js-sys', 'sys/uring.ts'), []);
  assert.deepEqual(within(names, 'observe/'), ['observe/log/words.ts']);
  assert.ok(within(loadedWith('runtime/program-start.ts'), 'datapath/').length > 0);
});

test('features are those of the transport that serves; the js one has no io_uring', () => {
  const around = lookAround({ SLUICE_TRANSPORT: 'js' });
  assert.equal(around.uring, false);
  assert.ok(around.list.some((f) => f.name === 'USE_IO_URING' && !f.on));
  assert.throws(() => lookAround({ SLUICE_TRANSPORT: 'nosuch' }), TransportError);
});
