// Headers of log lines, beside what the reference sends for each format.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventHeaderOf, headerOf, type LogHead } from '../../../../src/observe/log/header.js';

const at = new Date(2026, 10, 2, 3, 4, 5, 678);
const HEAD: LogHead = { priority: 158, ms: at.getTime() + 0.25, host: '', tag: 'haproxy', pid: 7, sd: '' };
const ZONE = /^[-+]\d\d:\d\d$/;

function made(format: string, more: Partial<LogHead> = {}): string {
  const head = { ...HEAD, ...more };
  return headerOf(format, head.host)(head);
}

test('formats of RFC 3164: with and without a host name', () => {
  assert.equal(made('local', { host: 'h' }), '<158>Nov  2 03:04:05 haproxy[7]: ');
  assert.equal(made('rfc3164'), '<158>Nov  2 03:04:05 localhost haproxy[7]: ');
  assert.equal(made('rfc3164', { host: 'h', tag: 't' }), '<158>Nov  2 03:04:05 h t[7]: ');
});

test('a line that names no format is local, and RFC 3164 where a host name is sent', () => {
  assert.equal(made(''), made('local'));
  assert.equal(made('', { host: 'h' }), made('rfc3164', { host: 'h' }));
});

test('format rfc5424: date, host and structured data, or a dash for each that is missing', () => {
  const [first, zone, rest] = /^(.*\.678250)(.{6})( .*)$/.exec(made('rfc5424'))!.slice(1);
  assert.equal(first, '<158>1 2026-11-02T03:04:05.678250');
  assert.match(zone!, ZONE);
  assert.equal(rest, ' - haproxy 7 - - ');
  assert.match(made('rfc5424', { host: 'h', sd: '[x@1 a="b"]' }), / h haproxy 7 - \[x@1 a="b"\] $/);
});

test('the short ones: priority, level, date alone, nothing', () => {
  assert.equal(made('priority'), '<158>');
  assert.equal(made('short'), '<6>');
  assert.equal(made('raw'), '');
  assert.match(made('timed'), /^<6>2026-11-02T03:04:05\.678250[-+]\d\d:\d\d $/);
  assert.match(made('iso'), /^2026-11-02T03:04:05\.678250[-+]\d\d:\d\d $/);
});

test('events of no proxy: no priority but 0, no tag, no process', () => {
  const made = (format: string): string => eventHeaderOf(format)(HEAD.ms);
  assert.equal(made('raw'), '');
  assert.equal(made(''), '');
  assert.equal(made('priority'), '<0>');
  assert.equal(made('short'), '<0>');
  assert.equal(made('local'), '<0>Nov  2 03:04:05 ');
  assert.equal(made('rfc3164'), '<0>Nov  2 03:04:05 localhost ');
  assert.match(made('iso'), /^2026-11-02T03:04:05\.678\d*[-+]\d\d:\d\d $/);
  assert.equal(made('timed'), `<0>${made('iso')}`);
  assert.equal(made('rfc5424'), `<0>1 ${made('iso')}- - - - - `);
});
