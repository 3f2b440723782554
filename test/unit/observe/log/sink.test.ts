// A target: levels, length, header, counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogMessage, LogSink } from '../../../../src/observe/log/sink.js';
import { LOG_ALERT, LOG_DEBUG, LOG_ERR, LOG_INFO } from '../../../../src/observe/log/words.js';
import type { LogTargetConf } from '../../../../src/config/types.js';

const CONF: LogTargetConf = {
  target: '127.0.0.1:514',
  address: null,
  global: false,
  len: 1024,
  format: 'priority',
  facility: 'local0',
  level: '',
  minLevel: '',
  sample: '',
  position: { file: 'x', line: 1, column: 1, length: 1 },
};

function run(more: Partial<LogTargetConf>, levels: readonly number[], text = 'm'): { lines: string[]; sink: LogSink } {
  const lines: string[] = [];
  const output = {
    write: (line: string) => {
      lines.push(line);
      return !line.includes('lost');
    },
    close: () => undefined,
  };
  const sink = new LogSink({ ...CONF, ...more }, output, '');
  const message: Omit<LogMessage, 'level'> = { ms: 0, tag: 't', sd: '', pid: 1, host: '', text };
  for (const level of levels) sink.send({ ...message, level });
  return { lines, sink };
}

test('facility and level make the priority; without a level all are taken', () => {
  assert.deepEqual(run({}, [LOG_ALERT, LOG_DEBUG]).lines, ['<129>m\n', '<135>m\n']);
  assert.deepEqual(run({ facility: 'kern' }, [LOG_INFO]).lines, ['<6>m\n']);
});

test('level leaves out what is less grave, minlevel makes what is graver less so', () => {
  assert.deepEqual(run({ level: 'err' }, [LOG_INFO, LOG_ERR]).lines, ['<131>m\n']);
  assert.deepEqual(run({ level: 'info', minLevel: 'err' }, [LOG_ALERT, LOG_INFO]).lines, ['<131>m\n', '<134>m\n']);
});

test('a line is cut to len, header included, before its line feed', () => {
  assert.deepEqual(run({ len: 80 }, [LOG_INFO], 'x'.repeat(74)).lines, [`<134>${'x'.repeat(74)}\n`]);
  assert.deepEqual(run({ len: 80 }, [LOG_INFO], 'x'.repeat(75)).lines, [`<134>${'x'.repeat(75)}\n`]);
  assert.deepEqual(run({ len: 80 }, [LOG_INFO], 'x'.repeat(76)).lines, [`<134>${'x'.repeat(75)}\n`]);
});

test('only messages of its levels count for the sample', () => {
  assert.equal(run({ sample: '1:2', level: 'err' }, [LOG_ERR, LOG_INFO, LOG_ERR, LOG_ERR]).lines.length, 2);
});

test('what the output refuses is counted as dropped', () => {
  const { sink } = run({}, [LOG_INFO, LOG_ERR], 'lost');
  assert.deepEqual([sink.sent, sink.dropped], [0, 2]);
});
