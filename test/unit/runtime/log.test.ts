// Messages of the process: JSON lines of pino, from a level on; nothing is loaded for silence.
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { PROCESS_LOG_LEVELS } from '../../../src/runtime/log.js';
import { logLibraryLine, openProcessLog } from '../../../src/runtime/log.js';

async function written(level: (typeof PROCESS_LOG_LEVELS)[number]): Promise<Record<string, unknown>[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'sluice-log-'));
  const fd = openSync(path.join(dir, 'out'), 'w');
  try {
    const log = await openProcessLog(level, 'sluice', fd);
    log.info('an info', { a: 1 });
    log.warn('a warning');
    log.error('an error', { err: new Error('inside') });
    const position = { file: 'x.cfg', line: 3, column: 5, length: 1 };
    const report = {
      severity: 'warning' as const,
      fatal: false,
      form: 'parsing' as const,
      code: 'x',
      message: 'm',
      tail: '',
      position,
      source: '',
      shift: 0,
      keyword: '',
      expected: '',
      nearest: '',
    };
    logLibraryLine(log, { level: 'warning', message: 'of the configuration', report });
    const text = readFileSync(path.join(dir, 'out'), 'utf8');
    return text
      .split('\n')
      .filter((l) => l !== '')
      .map((l) => JSON.parse(l) as Record<string, unknown>);
  } finally {
    closeSync(fd);
    rmSync(dir, { recursive: true });
  }
}

test('each level takes its own messages and the graver ones', async () => {
  const messages = async (level: (typeof PROCESS_LOG_LEVELS)[number]): Promise<unknown[]> =>
    (await written(level)).map((o) => o['msg']);
  assert.deepEqual(await messages('info'), ['an info', 'a warning', 'an error', 'of the configuration']);
  assert.deepEqual(await messages('warn'), ['a warning', 'an error', 'of the configuration']);
  assert.deepEqual(await messages('error'), ['an error']);
  assert.deepEqual(await messages('silent'), []);
});

test('fields, errors and places of reports are members of the object', async () => {
  const [info, , error, report] = await written('info');
  assert.deepEqual([info!['name'], info!['a'], info!['level']], ['sluice', 1, 30]);
  assert.match((error!['err'] as { stack: string }).stack, /Error: inside\n/);
  assert.deepEqual([report!['file'], report!['line'], report!['column']], ['x.cfg', 3, 5]);
});
