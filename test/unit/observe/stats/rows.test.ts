// What the rows of `show stat` count, beside the reference's: the same sessions, rejected, queued, aborted, tried again and
// redispatched, give the same counts in every row. Only times and rates may differ.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import net from 'node:net';
import test from 'node:test';
import { connectPeer, listenPeers, type Peer, type PeerServer } from '../../../support/peers.js';
import { freePort } from '../../../support/ports.js';
import { type Program, startProgram } from '../../../support/program.js';
import { until } from '../../../support/wait.js';

/** Names of columns that depend on the moment. */
const TIMES = /^(lastchg|downtime|lastsess|throttle|weight|act|[qcrt]time(_max)?|(conn_)?rate(_max)?)$/;

const FRONTENDS = ['rej', 'ses', 'con', 'ok', 'queue', 'none', 'refused', 'redisp', 'hash', 'resp'] as const;
type Frontend = (typeof FRONTENDS)[number];

function config(ports: readonly number[], origin: number, closed: number): string {
  const rules: Partial<Record<Frontend, string>> = {
    rej: ' tcp-request connection reject\n',
    ses: ' tcp-request session reject\n',
    con: ' tcp-request inspect-delay 5s\n tcp-request content reject if { req.len gt 0 }\n',
  };
  const backend: Partial<Record<Frontend, string>> = { rej: 'ok', ses: 'ok', con: 'ok' };
  const frontends = FRONTENDS.map((name, i) => {
    const to = name === 'none' ? '' : ` default_backend b-${backend[name] ?? name}\n`;
    return `frontend ${name}\n bind 127.0.0.1:${ports[i]}\n option socket-stats\n${rules[name] ?? ''}${to}`;
  });
  return `
global
 maxconn 300
defaults
 mode tcp
 timeout client 20s
 timeout connect 5s
 timeout server 20s
 timeout queue 20s
${frontends.join('')}
backend b-ok
 balance roundrobin
 server s1 127.0.0.1:${origin} weight 10
 server s2 127.0.0.1:${origin} backup
backend b-queue
 balance leastconn
 fullconn 10
 server s1 127.0.0.1:${origin} maxconn 1 maxqueue 5
backend b-refused
 retries 1
 server s1 127.0.0.1:${closed}
backend b-redisp
 retries 1
 option redispatch
 balance roundrobin
 server s1 127.0.0.1:${closed}
 server s2 127.0.0.1:${origin}
backend b-hash
 retries 1
 option redispatch
 balance source
 server s1 127.0.0.1:${closed}
 server s2 127.0.0.1:${closed}
backend b-resp
 tcp-response inspect-delay 5s
 tcp-response content reject if { res.len gt 0 }
 server s1 127.0.0.1:${origin}
`;
}

/** Connects, and waits for the end, however it comes. */
function knock(port: number): Promise<void> {
  return new Promise((resolve) => {
    const sock = net.connect({ host: '127.0.0.1', port });
    sock.on('error', () => undefined);
    sock.on('close', () => resolve());
    sock.resume();
  });
}

/** The same sessions on either program, one after the other, each waited for. */
async function traffic(ports: readonly number[], origin: PeerServer, program: Program): Promise<void> {
  const open = async (to: Frontend, text = 'hello'): Promise<Peer> => {
    const c = await connectPeer(ports[FRONTENDS.indexOf(to)]!);
    if (text !== '') c.sock.write(text);
    c.sock.resume();
    return c;
  };
  const refused: Frontend[] = ['rej', 'rej', 'ses', 'none', 'refused', 'hash'];
  for (const name of refused) await knock(ports[FRONTENDS.indexOf(name)]!);
  const con = await open('con');
  await con.ended;
  con.sock.destroy();

  const echo = async (c: Peer): Promise<Peer> => {
    const s = await origin.accept();
    await s.receivedAtLeast(5);
    s.sock.write('good day');
    await c.receivedAtLeast(8);
    return s;
  };
  const whole = await open('ok');
  const wholeServer = await echo(whole);
  whole.sock.end();
  wholeServer.sock.end();
  await whole.closed;

  const reset = await open('ok');
  const resetServer = await echo(reset);
  reset.reset();
  await resetServer.ended;
  resetServer.sock.destroy();

  const first = await open('queue');
  const firstServer = await echo(first);
  const second = await open('queue', '');
  await until('one in the queue', async () =>
    /^b-queue,s1,1,/m.test(await program.cli('show stat b-queue 4 -1')) ? true : undefined,
  );
  second.reset();
  await until('none in the queue', async () =>
    /^b-queue,s1,0,/m.test(await program.cli('show stat b-queue 4 -1')) ? true : undefined,
  );
  first.sock.end();
  firstServer.sock.end();
  await first.closed;

  const moved = await open('redisp');
  const movedServer = await echo(moved);
  moved.sock.end();
  movedServer.sock.end();
  await moved.closed;

  const resp = await open('resp');
  const respServer = await origin.accept();
  await respServer.receivedAtLeast(5);
  respServer.sock.write('no');
  await resp.ended;
  resp.sock.destroy();
  respServer.sock.destroy();
  await until('all sessions to end', async () => ((await program.info()).get('CurrConns') === '0' ? true : undefined));
}

/** `S/b-ok/s1 stot` to its value. */
function values(json: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  type Field = { objType: string; field: { name: string }; value: { value: unknown } };
  for (const row of JSON.parse(json) as Field[][]) {
    const named = (name: string): string => String(row.find((f) => f.field.name === name)!.value.value);
    for (const f of row) {
      if (TIMES.test(f.field.name) || f.field.name === 'addr') continue;
      found.set(`${f.objType} ${named('pxname')}/${named('svname')} ${f.field.name}`, f.value.value);
    }
  }
  return found;
}

async function run(kind: 'reference' | 'sluice', origin: PeerServer, closed: number): Promise<Map<string, unknown>> {
  const ports: number[] = [];
  for (const _ of FRONTENDS) ports.push(await freePort());
  const program = await startProgram({ kind, config: config(ports, origin.port, closed) });
  try {
    await traffic(ports, origin, program);
    return values(await program.cli('show stat json'));
  } finally {
    await program.stop();
  }
}

const present = spawnSync('haproxy', ['-v']).status === 0;
if (!present) console.log('haproxy is not installed: the comparison with the reference is left out');
if (present) {
  test("every count of every row is the reference's after the same sessions", { timeout: 60_000 }, async () => {
    const origin = await listenPeers();
    try {
      const closed = await freePort();
      const ref = await run('reference', origin, closed);
      const own = await run('sluice', origin, closed);
      const differ: string[] = [];
      for (const name of new Set([...ref.keys(), ...own.keys()])) {
        const [r, o] = [ref.get(name), own.get(name)];
        if (r !== o) differ.push(`${name}: ${String(o)}, reference ${String(r)}`);
      }
      assert.deepEqual(differ, []);
      assert.ok(ref.size > 1000, 'there were rows');
    } finally {
      await origin.stop();
    }
  });
}
