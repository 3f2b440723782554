// The runtime CLI beside the reference's: same configuration, same traffic, same answers. What may differ is listed here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { Both, STAT_TIMES } from '../../../support/both.js';
import { connectPeer } from '../../../support/peers.js';
import { until } from '../../../support/wait.js';

/** Fields of `show info` whose values are the process's own; the CLI's own connections count, and waiting takes some. */
const OWN =
  /^(Version|Release_date|Pid|CumConns|CumReq|Uptime|Uptime_sec|Pool.*|Ulimit-n|Maxsock|Tasks|Run_queue|Idle_pct|.*Rate|TotalBytesOut|Build info|Start_time_sec|Memmax.*)$/;

function config(ports: readonly number[], origin: number, closed: number): string {
  const [fe, named, listen, bad] = ports;
  return `
global
    maxconn 100
    node same-node
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend fe
    bind 127.0.0.1:${fe}
    bind 127.0.0.1:${named} name named id 7
    maxconn 55
    option socket-stats
    default_backend be
listen li
    bind 127.0.0.1:${listen}
    server x 127.0.0.1:${origin}
listen bad
    bind 127.0.0.1:${bad}
    retries 0
    server y 127.0.0.1:${closed}
backend be
    server s1 127.0.0.1:${origin} weight 3
    server s2 127.0.0.1:${closed} maxconn 9 backup maxqueue 4
    server s3 127.0.0.1:${closed} disabled
    server s4 127.0.0.1:${closed} weight 0
backend nobody
backend idle
    fullconn 7
    server d 127.0.0.1:${closed} disabled
backend spare
    server b1 127.0.0.1:${closed} backup weight 4
    server b2 127.0.0.1:${closed} backup
`;
}

/** One session that ends by itself, one that stays, one to a server that refuses. Returns how to end the one that stays. */
async function traffic(p: Both, which: 0 | 1): Promise<() => Promise<void>> {
  const [fe, , , bad] = p.ports[which]!;
  const one = await connectPeer(fe!);
  one.sock.end('hello');
  const back = await p.origin.accept();
  await back.receivedAtLeast(5);
  back.sock.end('good day');
  assert.equal(await one.ended, 'FIN');
  const refused = await connectPeer(bad!);
  refused.sock.resume();
  await refused.ended;
  refused.sock.destroy();
  const two = await connectPeer(fe!);
  two.sock.write('stays');
  const stays = await p.origin.accept();
  await stays.receivedAtLeast(5);
  return async () => {
    two.sock.end();
    stays.sock.end();
    await two.closed;
  };
}

type Row = Record<string, string>;

function rows(csv: string): Row[] {
  const [head, ...lines] = csv.trim().split('\n');
  const names = head!.replace('# ', '').split(',');
  return lines.map((l) =>
    Object.fromEntries(l.split(',').map((v, i) => [names[i]!, STAT_TIMES.test(names[i]!) ? '*' : v])),
  );
}

/** Rows are the same, said in a line for each value that is not. */
function sameRows(own: readonly Row[], ref: readonly Row[], what: string): void {
  const name = (r: Row): string => `${r['pxname'] ?? ''}/${r['svname'] ?? ''}`;
  assert.deepEqual(own.map(name), ref.map(name), what);
  const differ = ref.flatMap((r, i) =>
    Object.keys(r)
      .filter((k) => own[i]![k] !== r[k])
      .map((k) => `${name(r)} ${k}: ${own[i]![k] ?? ''}, reference ${r[k]!}`),
  );
  assert.deepEqual(differ, [], what);
}

const present = spawnSync('haproxy', ['-v']).status === 0;
if (!present) console.log('haproxy is not installed: the comparison with the reference is left out');

async function compare(): Promise<void> {
  const p = await Both.start(4, config);
  try {
    const ends = [await traffic(p, 0), await traffic(p, 1)];

    // A session that ended is counted a moment after its client saw the end.
    for (const program of p.programs) {
      await until('the counters', async () => {
        const row = rows(await program.cli('show stat fe 1 -1'))[0]!;
        return row['bin'] === '5' ? true : undefined;
      });
    }

    for (const command of [
      'show stat',
      'show stat up',
      'show stat no-maint',
      'show stat be 7 -1',
      'show stat -1 8 7',
    ]) {
      const [ref, own] = await p.ask(command);
      assert.equal(own.split('\n')[0], ref.split('\n')[0], `${command}: the columns`);
      sameRows(rows(own), rows(ref), command);
    }

    const fields = (typed: string): string[] =>
      typed
        .trim()
        .split('\n')
        .map((l) => (STAT_TIMES.test(l.split('.')[4] ?? '') ? l.slice(0, l.lastIndexOf(':')) : l));
    const [refTyped, ownTyped] = await p.ask('show stat typed');
    assert.deepEqual(fields(ownTyped), fields(refTyped));

    const [refJson, ownJson] = await p.ask('show stat json');
    const plain = (text: string): unknown[] =>
      (JSON.parse(text) as { field: { name: string }; value: { value: unknown } }[][]).map((row) =>
        row.map((f) => (STAT_TIMES.test(f.field.name) ? { ...f, value: '*' } : f)),
      );
    assert.deepEqual(plain(ownJson), plain(refJson));

    const info = (text: string): string[] =>
      text
        .trim()
        .split('\n')
        .map((l) => {
          const name = l.slice(0, l.indexOf(':'));
          return OWN.test(name) ? name : l;
        });
    const [refInfo, ownInfo] = await p.ask('show info');
    const shared = info(refInfo).length;
    assert.deepEqual(info(ownInfo).slice(0, shared), info(refInfo));
    assert.equal(info(ownInfo)[shared]!.split(':')[0], 'Transport');

    const tags = (text: string): string[] =>
      text
        .trim()
        .split('\n')
        .slice(0, shared)
        .map((l) => l.split(':').slice(0, 3).join(':'));
    const [refTags, ownTags] = await p.ask('show info typed');
    assert.deepEqual(tags(ownTags), tags(refTags));

    const same = [
      'show cli level',
      'show backend',
      'show sess 0x1',
      'shutdown session',
      'shutdown session 0x1',
      'show stat nosuch -1 -1',
      'show stat 77 -1 -1',
      'show errors nosuch',
      'set timeout',
      'set timeout cli',
      'set timeout cli x',
      'set timeout cli 3',
      'operator;show cli level;clear counters all',
      'user;operator;show sess',
      'prompt;show cli level;prompt;show cli level',
      'quit',
      'clear counters',
      'show stat',
      'clear counters all',
      'show stat',
    ];
    for (const command of same) {
      const [ref, own] = await p.ask(command);
      if (command === 'show stat') sameRows(rows(own), rows(ref), 'after clear counters');
      else assert.equal(own, ref, command);
    }
    for (const end of ends) await end();
  } finally {
    await p.stop();
  }
}

if (present)
  test('show stat, show info and simple commands answer as the reference does after the same traffic', compare);
