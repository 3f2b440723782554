// The tools of the syscall tests, checked on lines as strace prints them: what they misread, the tests would not see.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { followConnection, isReceive, sideBySide } from '../support/flow-calls.js';
import { parseTrace, parseTraceLine, splitArgs } from '../support/strace-parse.js';

const CLIENT_PORT = 40994;
const SERVER_PORT = 18082;

function at(i: number, text: string): string {
  return `1795301376.${String(i).padStart(6, '0')} ${text}`;
}

function trace(...lines: string[]): string {
  return lines.map((text, i) => at(i, text)).join('\n');
}

test('splitArgs cuts at the commas of the top level only', () => {
  assert.deepEqual(splitArgs('3, {events=EPOLLIN|EPOLLRDHUP, data={u32=6, u64=6}}, [1, 2], "a,\\"b)", NULL'), [
    '3',
    '{events=EPOLLIN|EPOLLRDHUP, data={u32=6, u64=6}}',
    '[1, 2]',
    '"a,\\"b)"',
    'NULL',
  ]);
  assert.deepEqual(splitArgs(''), []);
});

test('parseTraceLine reads results, errors and text that looks like syntax', () => {
  const sent = parseTraceLine(at(0, 'sendto(9, "x) = 7 EIO (", 8, MSG_DONTWAIT|MSG_NOSIGNAL, NULL, 0) = 8'));
  assert.ok(sent !== null);
  assert.deepEqual([sent.name, sent.result, sent.errno], ['sendto', 8, '']);
  assert.equal(sent.args[3], 'MSG_DONTWAIT|MSG_NOSIGNAL');
  const failed = parseTraceLine(at(0, 'accept4(4, 0x5652, [128], SOCK_NONBLOCK) = -1 EMFILE (Too many open files)'));
  assert.deepEqual([failed?.result, failed?.errno], [-1, 'EMFILE']);
  const flags = parseTraceLine(at(0, 'fcntl(8, F_GETFL)                      = 0x802 (flags O_RDWR|O_NONBLOCK)'));
  assert.deepEqual([flags?.result, flags?.errno], [0x802, '']);
});

test('parseTraceLine leaves out what is no finished call', () => {
  for (const text of [
    'epoll_wait(3,  <detached ...>',
    '--- SIGSTOP {si_signo=SIGSTOP} ---',
    '+++ exited with 0 +++',
    '',
  ]) {
    assert.equal(parseTraceLine(at(0, text)), null, text);
  }
});

test('followConnection takes the calls of one connection, also when descriptors are used again', () => {
  const calls = parseTrace(
    trace(
      'accept4(4, {sa_family=AF_INET, sin_port=htons(5), sin_addr=inet_addr("127.0.0.1")}, [128 => 16], SOCK_NONBLOCK) = 8',
      'recvfrom(8, "other", 100, 0, NULL, NULL) = 5',
      'close(8) = 0',
      `accept4(4, {sa_family=AF_INET, sin_port=htons(${CLIENT_PORT}), sin_addr=inet_addr("127.0.0.1")}, [128 => 16], SOCK_NONBLOCK) = 8`,
      'accept4(4, 0x5652, [128], SOCK_NONBLOCK) = -1 EAGAIN (Resource temporarily unavailable)',
      'recvfrom(8, "blah\\n", 100, 0, NULL, NULL) = 5',
      'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 9',
      'setsockopt(9, SOL_TCP, TCP_NODELAY, [1], 4) = 0',
      `connect(9, {sa_family=AF_INET, sin_port=htons(${SERVER_PORT}), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EINPROGRESS (Operation now in progress)`,
      'epoll_ctl(3, EPOLL_CTL_ADD, 9, {events=EPOLLIN|EPOLLOUT, data={u32=9, u64=9}}) = 0',
      'epoll_wait(3, [{events=EPOLLOUT, data={u32=9, u64=9}}], 200, 985) = 1',
      'pipe2([10, 11], O_NONBLOCK) = 0',
      'fcntl(11, F_SETPIPE_SZ, 262144) = 262144',
      'splice(8, NULL, 11, NULL, 262144, SPLICE_F_MOVE|SPLICE_F_NONBLOCK) = 7',
      'splice(10, NULL, 9, NULL, 7, SPLICE_F_MOVE|SPLICE_F_NONBLOCK) = 7',
      'close(9) = 0',
      'recvfrom(9, "", 100, 0, NULL, NULL) = 0',
      'close(8) = 0',
    ),
  );
  const flow = followConnection(calls, CLIENT_PORT, SERVER_PORT);
  assert.deepEqual(
    flow.map((call) => call.text),
    [
      'client accept4 SOCK_NONBLOCK = fd',
      'client recvfrom len=100 = 5',
      'server socket = fd',
      'server setsockopt TCP_NODELAY [1] = 0',
      'server connect = -EINPROGRESS',
      'server epoll_ctl ADD EPOLLIN|EPOLLOUT = 0',
      'pipe pipe2 = 0',
      'pipe fcntl F_SETPIPE_SZ 262144 = 262144',
      'client→pipe splice len=262144 SPLICE_F_MOVE|SPLICE_F_NONBLOCK = 7',
      'pipe→server splice len=7 SPLICE_F_MOVE|SPLICE_F_NONBLOCK = 7',
      'server close = 0',
      'client close = 0',
    ],
  );
  assert.deepEqual(flow.filter(isReceive).length, 1);
  assert.match(sideBySide('a', flow, 'b', []), /^ {2}a \(12\) +\| b \(0\)\n/);
});
