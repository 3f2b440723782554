// The command line.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { type HaproxyArgs, parseArgs } from '../../../src/runtime/args.js';

function haproxy(...argv: string[]): HaproxyArgs {
  const a = parseArgs(argv);
  assert.equal(a.kind, 'haproxy', argv.join(' '));
  return a;
}

test("HAProxy's options are read in any order and number", () => {
  const a = haproxy(
    '-d',
    '-c',
    '-q',
    '-V',
    '-f',
    'a',
    '-dM',
    '-dI',
    '-dW',
    '-f',
    'b',
    '-n',
    '10',
    '-N',
    '20',
    '-m',
    '30',
    '-L',
    'me',
    '-C',
    '/',
    '-p',
    'x',
    '--',
    'c',
    '-d',
  );
  assert.deepEqual(a.files, ['a', 'b', 'c', '-d']);
  assert.deepEqual([a.debug, a.check, a.quiet, a.verbose, a.zeroWarning], [true, true, true, true, true]);
  assert.deepEqual(
    [a.maxconn, a.proxyMaxconn, a.memoryMax, a.localpeer, a.directory, a.pidfile],
    [10, 20, 30, 'me', '/', 'x'],
  );
});

test('letters after -d switch their thing; unknown ones are no error', () => {
  const a = haproxy(
    '-db',
    '-de',
    '-dp',
    '-dk',
    '-dS',
    '-dG',
    '-dR',
    '-dr',
    '-dV',
    '-dD',
    '-dZ',
    '-dMno-merge,tag',
    '-dL',
    '-dKall',
  );
  assert.deepEqual(
    [
      a.foreground,
      a.noEpoll,
      a.noPoll,
      a.noKqueue,
      a.noSplice,
      a.noGetaddrinfo,
      a.noReuseport,
      a.ignoreResolveErrors,
      a.noServerVerify,
      a.diag,
    ],
    Array.from({ length: 10 }, () => true),
  );
  assert.equal(a.debug, false);
});

test('-cc takes its condition, the empty one too, and flags may stand around it', () => {
  assert.equal(haproxy('-cc', '').condition, '');
  const a = haproxy('-dS', '-cc', 'feature(EPOLL)', '-dW');
  assert.deepEqual([a.condition, a.noSplice, a.zeroWarning], ['feature(EPOLL)', true, true]);
  assert.deepEqual(parseArgs(['-cc']), { kind: 'bad', message: '', usage: true });
});

test('-v and -vv end the reading', () => {
  assert.equal(haproxy('-v', '-nonsense').version, 1);
  assert.equal(haproxy('-vv').version, 2);
  assert.equal(haproxy('-f', 'x').version, 0);
});

test('what is not built yet is refused by name', () => {
  for (const flag of ['-D', '-W', '-Ws', '-S', '-sf', '-st', '-x']) {
    const a = parseArgs(['-f', 'x', flag, '1']);
    assert.equal(a.kind, 'bad');
    assert.ok(a.message.startsWith(`'${flag}' (`) && !a.usage, flag);
  }
});

test('nothing, unknown options and stray words print the usage', () => {
  for (const argv of [[], ['-z'], ['-cz'], ['-c', 'x.cfg'], ['-cf', 'x'], ['--nosuch']]) {
    assert.deepEqual(parseArgs(argv), { kind: 'bad', message: '', usage: true }, argv.join(' '));
  }
  assert.deepEqual(parseArgs(['-c', '-f']), { kind: 'bad', message: "option '-f' expects a value", usage: false });
});

test('a first word without a dash is a subcommand, --help too', () => {
  assert.deepEqual(parseArgs(['tcp', '8080', '-x']), { kind: 'command', name: 'tcp', args: ['8080', '-x'] });
  assert.deepEqual(parseArgs(['--help']), { kind: 'command', name: 'help', args: [] });
  assert.equal(parseArgs(['-dMhelp']).kind, 'text');
});

test('-m is refused by name where something would run, and taken where files are only checked', () => {
  const run = parseArgs(['-m', '30', '-f', 'a']);
  assert.equal(run.kind, 'bad');
  assert.match(run.message, /^'-m' .*not in sluice yet$/);
  assert.equal(parseArgs(['-c', '-m', '30', '-f', 'a']).kind, 'haproxy');
});
