// Files and directories of configuration.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { configEnvironment, loadSources } from '../../../src/config/sources.js';

const dir = mkdtempSync(join(tmpdir(), 'sluice-sources-'));
after(() => {
  rmSync(dir, { recursive: true, force: true });
});

test('a directory stands for its .cfg files in byte order, without hidden ones', () => {
  const conf = join(dir, 'conf.d');
  mkdirSync(join(conf, 'sub.cfg'), { recursive: true });
  for (const f of ['b.cfg', 'a.cfg', 'Z.cfg', '.hidden.cfg', 'c.txt']) writeFileSync(join(conf, f), `# ${f}\n`);
  const loaded = loadSources([conf]);
  assert.deepEqual(loaded.errors, []);
  assert.deepEqual(
    loaded.files,
    ['Z.cfg', 'a.cfg', 'b.cfg'].map((f) => join(conf, f)),
  );
  assert.deepEqual(
    loaded.sources.map((s) => s.text),
    ['# Z.cfg\n', '# a.cfg\n', '# b.cfg\n'],
  );
});

test('what cannot be read is told as the reference tells it, each of them', () => {
  const loaded = loadSources([join(dir, 'no1'), join(dir, 'no2')]);
  assert.deepEqual(
    loaded.errors,
    ['no1', 'no2'].map((f) => `Cannot open configuration file/directory ${join(dir, f)} : No such file or directory`),
  );
});

test('a file that is there and cannot be read is told with other words than a name that nothing has', () => {
  const broken = join(dir, 'broken.d');
  mkdirSync(broken);
  symlinkSync(join(dir, 'nowhere'), join(broken, 'x.cfg'));
  assert.deepEqual(loadSources([broken]).errors, [
    `Could not open configuration file ${join(broken, 'x.cfg')} : No such file or directory`,
  ]);
});

test('text is UTF-8; where it is not, a byte stands as a lone surrogate', () => {
  writeFileSync(join(dir, 'u'), Buffer.from('# é\n', 'utf8'));
  writeFileSync(join(dir, 'l'), Buffer.from([0x23, 0xe9, 0x0a]));
  assert.deepEqual(
    loadSources([join(dir, 'u'), join(dir, 'l')]).sources.map((s) => s.text),
    ['# é\n', '#\udce9\n'],
  );
});

test('the variables that HAProxy defines are there', () => {
  const env = configEnvironment({ A: '1' }, ['x', 'y'], 'peer', '2.6-x');
  assert.deepEqual(env, {
    A: '1',
    HAPROXY_CFGFILES: 'x;y',
    HAPROXY_LOCALPEER: 'peer',
    HAPROXY_STARTUP_VERSION: '2.6-x',
  });
});
