// The program while nobody reads what it says.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { cliCommand } from '../../support/cli.js';
import { track } from '../../support/program.js';
import { programPath } from '../../support/target.js';
import { until } from '../../support/wait.js';

test('a reader of its outputs that went away ends nothing: what it says from then on is lost', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'sluice-start-'));
  const stats = path.join(dir, 's');
  const file = path.join(dir, 'test.cfg');
  writeFileSync(file, `global\n stats socket ${stats} level admin\nfrontend f\n mode tcp\n bind ${dir}/f\n`);
  const child = spawn(programPath('sluice'), ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  track(child);
  const ended = once(child, 'exit');
  try {
    const ask = (command: string): Promise<string | undefined> => cliCommand(stats, command).catch(() => undefined);
    await until('the program to answer', () => ask('show version'));
    child.stdout.destroy();
    child.stderr.destroy();
    for (let i = 0; i < 3; i++) {
      child.kill('SIGHUP');
      child.kill('SIGQUIT');
      assert.match((await ask('disable frontend f;enable frontend f;show version')) ?? 'no answer', /sluice/);
    }
    assert.equal(child.exitCode, null);
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  }
});
