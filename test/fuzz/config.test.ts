// Fuzz targets of the configuration: the lexer, conditions, and whole files. Nothing throws, everything said lies inside the text,
// nothing printed holds control characters, and what was understood prints back to the same.
import assert from 'node:assert/strict';
import { type ConditionContext, conditionStatus, evaluateCondition } from '../../src/config/conditions.js';
import { lexLine, WORDS_MAX } from '../../src/config/lexer.js';
import { parseConfiguration } from '../../src/config/parser.js';
import { haproxyReport } from '../../src/config/print-haproxy.js';
import { humanReports, jsonReports } from '../../src/config/print-human.js';
import { printConfiguration, quoteWord } from '../../src/config/printer.js';
import { fuzz } from './driver.js';

const ENV: Readonly<Record<string, string>> = { HOME: '/root', A: 'va', EMPTY: '', LIST: ' p  q ', ODD: `"'\\#$` };
const lookup = (name: string): string | undefined => ENV[name];

/** As a file is read: UTF-8, else a character for each byte. */
function textOf(input: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input);
  } catch {
    return Buffer.from(input).toString('latin1');
  }
}

fuzz('config-lexer', {
  words: [
    '"',
    "'",
    '\\',
    '${HOME}',
    '${LIST[*]}',
    '${NONE-x}',
    '$A',
    '${ODD}',
    '#',
    '\\x4',
    '${',
    '[*]',
    '}',
    '\r',
    ' ',
  ],
  feed: (input) => {
    const line = textOf(input).replaceAll('\n', ' ');
    const { words, error } = lexLine(line, lookup);
    assert.ok(words.length <= WORDS_MAX);
    let end = 0;
    for (const w of words) {
      assert.ok(w.column >= 1 && w.length >= 0 && w.column - 1 + w.length <= line.length, 'a word lies on the line');
      assert.ok(w.column >= end || line.includes('[*]'), 'words come in order');
      end = w.column;
    }
    if (error !== null) {
      assert.ok(error.column >= 1 && error.column <= line.length + 1, 'a mistake lies on the line');
      return;
    }
    const again = lexLine(words.map((w) => quoteWord(w.text)).join(' '), () => 'never');
    assert.equal(again.error, null);
    assert.deepEqual(
      again.words.map((w) => w.text),
      words.map((w) => w.text),
    );
  },
});

const ctx: ConditionContext = {
  defined: (name) => name in ENV,
  feature: (name) => name === 'EPOLL',
  enabled: () => false,
  version: '2.6',
  sslVersion: '3.0.1',
  sslName: 'OpenSSL',
};

fuzz('config-condition', {
  words: [
    'streq(',
    'defined(HOME)',
    'version_before(2.7)',
    '&&',
    '||',
    '!',
    '(',
    ')',
    ',',
    '"',
    '\\',
    '0',
    '1',
    'feature',
  ],
  feed: (input) => {
    const text = textOf(input);
    const result = evaluateCondition(text, ctx);
    if (!result.ok) {
      const { position, message } = result.error;
      assert.ok(position >= 1 && position <= text.length + 1, 'a mistake lies in the text');
      assert.notEqual(message, '');
    }
    const { status, message } = conditionStatus(text, lookup, ctx);
    assert.equal(status === 2, message !== '');
  },
});

const HOW = { pid: 1, version: '2.6', executable: 'x', zeroWarning: false, listeners: 1, notices: true };

fuzz('config-parser', {
  max: 16384,
  words: [
    ...[
      'global\n',
      'defaults\n',
      'frontend f\n',
      'backend b\n',
      'listen l from d\n',
      ' bind 127.0.0.1:80\n',
      ' bind ',
      ' server ',
    ],
    ...[
      'timeout client 5s\n',
      'no option tcpka\n',
      '.if 1\n',
      '.else\n',
      '.endif\n',
      'default_backend b\n',
      'maxconn 5\n',
    ],
    ...[
      'setenv A "b c"\n',
      '"${A}"',
      'option httplog\n',
      'http-request deny\n',
      'default-server weight 5\n',
      'fd@3',
      'unix@',
    ],
  ],
  feed: (input) => {
    const text = textOf(input);
    const lines = text.split('\n').length;
    const result = parseConfiguration([{ name: 'f', text }], { env: ENV, statements: true });
    for (const r of result.reports) {
      assert.notEqual(r.message, '');
      const p = r.position;
      if (p === null) continue;
      assert.ok(p.line >= 0 && p.line <= lines, `line ${p.line} of ${lines}`);
      assert.ok(p.column >= 1 && p.length >= 0, 'a place');
    }
    const printed = [...haproxyReport(result, HOW), humanReports(result, { color: false })].join('\n');
    for (const c of printed) assert.ok(c >= ' ' || c === '\n' || c === '\t', `control character ${c.charCodeAt(0)}`);
    JSON.parse(jsonReports(result));
    if (result.errors > 0) return;
    const written = printConfiguration(result.config);
    const again = parseConfiguration([{ name: 'f', text: written }], { env: ENV, statements: true });
    assert.equal(again.errors, 0, again.reports.find((r) => r.fatal)?.message);
    assert.equal(printConfiguration(again.config), written);
  },
});
