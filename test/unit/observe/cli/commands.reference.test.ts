// The commands of the runtime CLI beside the reference's: both programs run the same file and are asked the same things in the
// same order; the answers are equal but for what MASKS and OWN list.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { Both, STAT_TIMES } from '../../../support/both.js';
import { connectPeer } from '../../../support/peers.js';
import { until } from '../../../support/wait.js';

/** What is the process's own, or depends on the moment: replaced on both sides. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/0x[0-9a-f]+/g, 'PTR'], // pointers, flags
  [/\b(f|an|ts)=[0-9a-f]+h?/g, '$1=N'], // bits of channels and tasks
  [/\[(\d+),[0-9a-f]+h,fd=-?\d+\]/g, '[$1,N,fd=N]'],
  [/\b(age|calls|rate|rx|wx|exp|rc|epoch|total|nice)=[^ ,\])\n]*/g, '$1=T'],
  [/\d\d\/[A-Z][a-z]{2}\/\d{4}:[0-9:.]+/g, 'DATE'],
  [/\b127\.0\.0\.1:(\d{5})\b/g, '127.0.0.1:PORT'],
  [/\b(fd|id)=\d+/g, '$1=N'],
];

/** Ours behind the reference's part of a line. */
const OWN = / (term|sif|err|chf|sub)=.*$/;

function plain(text: string): string {
  return MASKS.reduce((t, [what, by]) => t.replace(what, by), text);
}

/** Columns of `show servers state` that depend on the moment. */
function state(text: string): string {
  return text.replace(/^(\S+ \S+ \S+ \S+ \S+ \d+ \d+ \d+ \d+) \d+ /gm, '$1 T ');
}

function config(ports: readonly number[], origin: number, closed: number): string {
  const [fe, other, listen] = ports;
  return `
global
    maxconn 100
    stats timeout 60s
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend fe
    bind 127.0.0.1:${fe}
    maxconn 55
    default_backend be
frontend other
    bind 127.0.0.1:${other}
    default_backend st
backend be
    balance roundrobin
    server s1 127.0.0.1:${origin} weight 3
    server s2 127.0.0.1:${closed} maxconn 9 backup maxqueue 4
    server s3 127.0.0.1:${closed} disabled
    server s4 127.0.0.1:${closed} weight 0
backend st
    id 50
    balance static-rr
    server a 127.0.0.1:${closed} id 9 weight 10
    server u unix@/nowhere
    server m 127.0.0.1:+10
    server n 127.0.0.1:-10
    server six [::1]:80
listen li
    bind 127.0.0.1:${listen}
    server x 127.0.0.1:${closed}
`;
}

/** Commands whose answers are equal to the letter. */
const SAME: readonly string[] = [
  // weights
  ...['get weight', 'get weight be', 'get weight be/', 'get weight /s1', 'get weight no/s1', 'get weight be/no'],
  ...['get weight be/s1', 'get weight #4/#1', 'get weight be/#1', 'get weight fe/s1', 'get weight be/s1/x'],
  ...['set weight be/s1', 'set weight be/s1 x', 'set weight be/s1 -1', 'set weight be/s1 257', 'set weight be/s1 5x'],
  ...['set weight be/s1 -1%', 'set weight be/s1 %', 'set weight be/s1 5%x', 'set weight be/s1 50', 'get weight be/s1'],
  ...['set weight be/s1 50%', 'get weight be/s1', 'set weight be/s1 10000%', 'get weight be/s1'],
  ...['set weight be/s1 0', 'get weight be/s1', 'set weight be/s1 100%', 'get weight be/s1'],
  ...['set server be/s1 weight', 'set server be/s1 weight 7', 'get weight be/s1'],
  ...['set weight st/a 50%', 'set weight st/a 5', 'set weight st/a 0', 'get weight st/a', 'set weight st/a 100%'],
  // limits
  ...['set maxconn', 'set maxconn server', 'set maxconn server be', 'set maxconn server be/s1'],
  ...['set maxconn server be/s1 x', 'set maxconn server be/s1 5x', 'set maxconn server be/s1 11', 'set maxconn x 1'],
  ...['set maxconn frontend', 'set maxconn frontend fe', 'set maxconn frontend no 5', 'set maxconn frontend be 5'],
  ...['set maxconn frontend fe -1', 'set maxconn frontend fe 10x', 'show stat fe 1 -1', 'set maxconn frontend fe 0'],
  ...['show stat fe 1 -1', 'set maxconn frontend fe 77', 'set maxconn global', 'set maxconn global 101'],
  ...['set maxconn global 50', 'set maxconn global x', 'set maxconn global -5', 'set rate-limit', 'set rate-limit x'],
  ...['set rate-limit connections', 'set rate-limit connections global', 'set rate-limit connections global -1'],
  ...['set rate-limit sessions here 5', 'set rate-limit sessions global 0', 'set rate-limit connections global x'],
  // states
  ...['set server', 'set server be', 'set server be/no', 'set server be/s1', 'set server be/s1 nothing'],
  ...['set server be/s1 state', 'set server be/s1 state x', 'set server be/s1 state drain', 'show servers state be'],
  ...['show stat be 6 -1', 'set server be/s1 state maint', 'show servers state be', 'show stat be 6 -1'],
  ...['set server be/s1 state ready', 'show servers state be', 'disable server', 'disable server be/no'],
  ...['disable server be/s1', 'disable server be/s1', 'show stat be 6 -1', 'enable server be/s1', 'enable server be'],
  ...['enable server be/s3', 'show servers state', 'disable server be/s3', 'show servers state be x'],
  ...['show servers state no', 'show servers state fe', 'show servers conn no', 'show servers state #4'],
  // health
  ...['set server be/s1 health', 'set server be/s1 health x', 'set server be/s1 health down', 'show servers state be'],
  ...['show stat be 6 -1', 'set server be/s1 health stopping', 'show servers state be', 'show stat be 6 -1'],
  ...['set server be/s1 health up', 'set server be/s1 health up', 'show servers state be', 'show stat be 6 -1'],
  ...['set server be/s2 health down', 'set server be/s1 health down', 'show stat be 2 -1', 'show stat up'],
  ...['set server be/s2 health up', 'set server be/s1 health up', 'show stat be 6 -1'],
  // addresses
  ...['set server be/s4 addr', 'set server be/s4 addr x', 'set server be/s4 addr 127.0.0.1'],
  ...[
    'set server be/s4 addr 127.0.0.2',
    'set server be/s4 addr 127.0.0.2 port',
    'set server be/s4 addr 127.0.0.2 port x',
  ],
  ...['set server be/s4 addr 127.0.0.3 port 1234', 'set server be/s4 addr 127.0.0.3 port +10'],
  ...[
    'set server be/s4 addr 127.0.0.7 port x',
    'set server be/s4 addr 127.0.0.7',
    'set server be/s4 addr 127.0.0.8 port -1',
  ],
  ...['show servers state be'],
  ...['set server be/s4 addr ::1 port 80', 'set server be/s4 addr ::1 port 80', 'set server be/s4 addr ::1 port 81'],
  ...['set server be/s4 addr 127.0.0.1 port 80', 'set server st/u addr 1.2.3.4', 'set server st/m addr 127.0.0.2'],
  ...['set server st/m addr 127.0.0.2 port 70', 'set server st/six addr 127.0.0.9', 'show servers state st'],
  ...['show stat st 4 -1', 'set server st/n addr 127.0.0.1 port 8', 'show stat st 4 -1'],
  ...['show servers conn st', 'show backend'],
  // frontends
  ...['disable frontend', 'disable frontend no', 'disable frontend be', 'disable frontend other'],
  ...['disable frontend other', 'show stat other 1 -1', 'enable frontend other', 'enable frontend other'],
  ...['enable frontend', 'enable frontend no', 'show stat other 1 -1', 'shutdown frontend', 'shutdown frontend no'],
  ...[
    'shutdown frontend li',
    'shutdown frontend li',
    'disable frontend li',
    'enable frontend li',
    'show stat li -1 -1',
  ],
  // sessions
  ...['shutdown session', 'shutdown session 0x1', 'shutdown sessions server', 'shutdown sessions server be'],
  ...['shutdown sessions server be/no', 'shutdown sessions server be/s2', 'show sess 0x1'],
  // the connection itself
  ...['show cli level', 'set severity-output', 'set severity-output x', 'set timeout', 'set timeout cli x'],
  ...['set severity-output number;show cli level;get weight be/no;get weight be/s2;set server be/s4 addr x'],
  ...['set severity-output string;show cli level;get weight be/no;set server be/s4 addr x;set weight be/s1 x'],
  ...['expert-mode', 'expert-mode on;expert-mode', 'experimental-mode on;experimental-mode off;experimental-mode'],
  ...['operator;set weight be/s1 5;get weight be/s2;clear counters all', 'user;clear counters', 'user;show env HOME'],
  ...[
    'operator;set maxconn global 5',
    'operator;disable frontend fe',
    'operator;shutdown session 0x1',
    'user;show fd 1',
  ],
  ...['operator;set server be/s1 state maint', 'operator;set rate-limit sessions global 1', 'user;operator'],
  ...['operator;expert-mode on', 'user;show errors', 'show errors no', 'show fd x', 'show env NO_SUCH_NAME'],
  ...['show stat no -1 -1', 'show stat -1 99 -1', 'show stat be 4 2'],
  ...['clear counters', 'clear counters all', 'clear counters x', 'show stat be -1 -1'],
];

/** `show stat` without what depends on the moment. */
function stat(text: string): string {
  const lines = text.split('\n');
  const head = lines.find((l) => l.startsWith('# pxname'));
  if (head === undefined) return text;
  const names = head.slice(2).split(',');
  const mask = (l: string): string =>
    l.startsWith('#') || !l.includes(',')
      ? l
      : l
          .split(',')
          .map((v, i) => (STAT_TIMES.test(names[i]!) ? '*' : v))
          .join(',');
  return lines.map(mask).join('\n');
}

const present = spawnSync('haproxy', ['-v']).status === 0;
if (!present) console.log('haproxy is not installed: the comparison with the reference is left out');

async function compareCommands(): Promise<void> {
  const p = await Both.start(3, config);
  try {
    const differ: string[] = [];
    for (const command of SAME) {
      const [ref, own] = (await p.ask(command)).map((t) => stat(state(t)).split('\n'));
      const longest = Math.max(ref!.length, own!.length);
      for (let i = 0; i < longest; i++) {
        if (own![i] !== ref![i]) differ.push(`${command}: ${String(own![i])}, reference: ${String(ref![i])}`);
      }
    }
    assert.deepEqual(differ, []);
  } finally {
    await p.stop();
  }
}

async function compareDumps(): Promise<void> {
  const p = await Both.start(3, config);
  try {
    const held: (() => void)[] = [];
    for (const which of [0, 1] as const) {
      const client = await connectPeer(p.ports[which]![0]!);
      client.sock.write('hello');
      const back = await p.origin.accept();
      await back.receivedAtLeast(5);
      held.push(() => {
        client.sock.destroy();
        back.sock.destroy();
      });
    }
    // Both have counted the session, and wait for more.
    for (const program of p.programs) {
      await until('the session', async () => ((await program.cli('show sess')).includes('srv=s1') ? true : undefined));
    }
    const sessions = (text: string): string[] => plain(text).trim().split('\n').sort();
    const [refLines, ownLines] = (await p.ask('show sess')).map(sessions);
    assert.deepEqual(ownLines, refLines);

    const block = (text: string): string[] =>
      plain(text.split(/^(?=0x)/m).find((b) => b.includes('frontend=fe '))!)
        .trim()
        .split('\n')
        .map((l) =>
          l
            .replace(OWN, '')
            .replace(/state=[0-9a-f]+ /, '')
            .replace(/data=\S+ o=.*/, ''),
        );
    const [refBlock, ownBlock] = (await p.ask('show sess all')).map(block);
    assert.deepEqual(ownBlock, refBlock);

    const fds = (text: string): string[] =>
      plain(text)
        .split('\n')
        .filter((l) => /fe=fe |sv=be/.test(l))
        .map((l) =>
          l
            .replace(OWN, '')
            .replace(/^ *\d+ : st=PTR\(.*?\)/, 'FD')
            .replace(/[lr]port=\d+/g, 'port=N'),
        )
        .sort();
    const [refFds, ownFds] = (await p.ask('show fd')).map(fds);
    assert.deepEqual(ownFds, refFds);

    const [refConn, ownConn] = await p.ask('show servers conn');
    assert.equal(ownConn, refConn);
    const names = (text: string): string[] =>
      text
        .trim()
        .split('\n')
        .map((l) => l.slice(0, l.indexOf(':')));
    const [refActivity, ownActivity] = (await p.ask('show activity')).map(names);
    assert.deepEqual(ownActivity!.slice(0, refActivity!.length), refActivity);
    for (const end of held) end();
  } finally {
    await p.stop();
  }
}

if (present) {
  test('commands answer as the reference does, and change what the reference changes', compareCommands);
  test("sessions and descriptors are dumped in the reference's layout", compareDumps);
}
