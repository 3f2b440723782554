// The scripts and the job list: executable, well-formed, and no test file that no job would run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { findJobs, TRANSPORTS } from '../../scripts/support/jobs.js';
import { filesBelow, none, projectFiles, readText, ROOT } from './sources.js';

const BASH = ['scripts/start', 'scripts/test', 'scripts/bench', '.ci/run'];

for (const file of BASH) {
  test(`${file} is executable and bash can read it`, () => {
    accessSync(path.join(ROOT, file), constants.X_OK);
    const run = spawnSync('bash', ['-n', path.join(ROOT, file)], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
  });
}

test('every test file is run by a job, the real program over each transport', () => {
  const nothing = (): Record<string, string> => ({});
  const jobs = findJobs(ROOT, TRANSPORTS, { sanRoot: '/nowhere', buildSan: () => undefined, sanEnv: nothing });
  const run = new Set(jobs.flatMap((job) => job.command));
  const lost = filesBelow('test', ['.test.ts']).filter((file) => !run.has(path.join(ROOT, file)));
  none(lost, 'run by no job');
  const names = jobs.map((job) => job.name);
  assert.equal(new Set(names).size, names.length, 'two jobs of one name');
  for (const name of names.filter((one) => one.endsWith(':epoll'))) {
    for (const transport of TRANSPORTS)
      assert.ok(names.includes(name.replace('epoll', transport)), `${name} but not ${transport}`);
  }
});

test('tests are named so that they are found', () => {
  const odd = filesBelow('test', ['.ts']).filter(
    (file) => /(^|\/)[^/]*[-_.](test|spec)s?\.ts$/.test(file) && !file.endsWith('.test.ts'),
  );
  none(odd, 'call these *.test.ts');
});

test('files are named in kebab-case', () => {
  const odd = projectFiles()
    .filter((file) => /^(src|test|scripts|native)\//.test(file))
    .filter(
      (file) =>
        !/^[a-z0-9][a-z0-9.-]*$/.test(path.posix.basename(file).replace(/_/g, file.startsWith('native/') ? '-' : '_')),
    )
    .filter((file) => path.posix.basename(file) !== 'README.md');
  none(odd, 'not in kebab-case');
});

test('the changelog has a section for what is not released', () => {
  assert.match(readText('CHANGELOG.md'), /^## \[Unreleased\]$/m);
});
