// Ten thousand keys go to the same servers as with the reference, for every way to hash: both programs run with the same
// farms, one behind the other, so that each connection is a choice in each of them; what was chosen comes as log lines over a
// ring. Client addresses come in PROXY headers, names of users in the first bytes of RDP. Left out, with a word, where the
// reference is not installed.
// Environment, besides test/support/target.ts: KEYS=N another number of keys, SEED=N replays a run.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import net from 'node:net';
import { test } from 'node:test';

import { freePort } from '../support/ports.js';
import { type Program, startProgram } from '../support/program.js';
import { type ProgramKind, programPath, subjectKind, subjectName } from '../support/target.js';
import { until } from '../support/wait.js';
import { Random } from './plan.js';

const KEYS = Number(process.env['KEYS'] ?? 10_000);
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 0x7fffffff));
const AT_A_TIME = 32;
const CHOICES_LIMIT_MS = 20_000;
const WEIGHTS = [3, 1, 7, 2, 20, 5, 12];
const SHOWN = 10;

const RDP_RULES = 'tcp-request inspect-delay 10s\n    tcp-request content accept if RDP_COOKIE';

/** Ways to choose by the address, with each function of each method; then those of other keys. */
const FARMS: readonly (readonly [name: string, words: string])[] = [
  ['source', 'balance source'],
  ['source, consistent', 'balance source\n    hash-type consistent'],
  ...['map-based', 'consistent'].flatMap((method) =>
    ['sdbm', 'djb2', 'wt6', 'crc32'].flatMap((fn) =>
      ['', ' avalanche']
        .filter((mixed) => `${method} ${fn}${mixed}` !== 'map-based sdbm') // the first farm
        .map((mixed) => [`${method} ${fn}${mixed}`, `balance source\n    hash-type ${method} ${fn}${mixed}`] as const),
    ),
  ),
  ['hash of an address', 'balance hash src'],
  ['hash of a number', 'balance hash src_port\n    hash-type map-based djb2'],
  ['hash of a text', 'balance hash src,hex,lower\n    hash-type consistent wt6'],
  [
    'hash of a variable',
    `balance hash var(txn.user),lower\n    hash-type map-based crc32
    tcp-request content set-var(txn.user) req.rdp_cookie(mstshash) if RDP_COOKIE\n    ${RDP_RULES}`,
  ],
  ['RDP cookie', `balance rdp-cookie\n    ${RDP_RULES}`],
  [
    'RDP cookie, consistent',
    `balance rdp-cookie(mstshash)\n    hash-type consistent crc32 avalanche\n    ${RDP_RULES}`,
  ],
  ['persistent RDP cookie', `balance source\n    persist rdp-cookie(mstshash)\n    ${RDP_RULES}`],
];

interface Key {
  /** Source and port, as log lines have them. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** X.224 connection request of RDP. */
function rdpRequest(cookie: string): Buffer {
  const text = `Cookie: mstshash=${cookie}\r\n`;
  const head = Buffer.from([3, 0, 0, text.length + 11, text.length + 6, 0xe0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, Buffer.from(text, 'latin1')]);
}

/** Made-up clients, a third of them IPv6; every other one has a cookie that may name a server of the last farm. */
function makeKeys(random: Random, n: number, lastPort: number): Key[] {
  const below = (max: number): number => random.below(max);
  const keys = new Map<string, Key>();
  while (keys.size < n) {
    const six = below(3) === 0;
    const ip = six
      ? new net.SocketAddress({
          family: 'ipv6',
          address: `2001:${Array.from({ length: 7 }, () => below(65536).toString(16)).join(':')}`,
        }).address
      : [1 + below(220), below(256), below(256), 1 + below(254)].join('.');
    const port = 1 + below(65535);
    const header = `PROXY TCP${six ? `6 ${ip} 2001:db8::1` : `4 ${ip} 192.0.2.1`} ${port} 80\r\n`;
    const user = Array.from({ length: 1 + below(18) }, () => String.fromCharCode(33 + below(94))).join('');
    // 127.0.0.N and the port, both in the order of bytes that Windows has.
    const swapped = ((lastPort & 255) << 8) | (lastPort >> 8);
    const server = `${(1 + below(WEIGHTS.length + 2)) * 0x1000000 + 127}.${swapped}.0000`;
    const cookie = below(2) === 0 ? user : server;
    const name = `${ip} ${port}`;
    keys.set(name, { name, bytes: Buffer.concat([Buffer.from(header), rdpRequest(cookie)]) });
  }
  return [...keys.values()];
}

/** Where the logs of a program go: what each farm chose for each key. */
class Choices {
  readonly byFarm = FARMS.map(() => new Map<string, string>());
  count = 0;
  #server: net.Server;
  #port = 0;

  constructor() {
    this.#server = net.createServer((socket) => {
      let rest = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const lines = (rest + chunk.toString('latin1')).split('\n');
        rest = lines.pop()!;
        for (const line of lines) this.#take(line);
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((ready) => this.#server.listen(0, '127.0.0.1', ready));
    this.#port = (this.#server.address() as net.AddressInfo).port;
    return this.#port;
  }

  close(): void {
    this.#server.close();
  }

  #take(line: string): void {
    const m = /farm(\d+) (\S+ \d+) (\S+)$/.exec(line);
    if (m === null) return;
    this.byFarm[Number(m[1])]!.set(m[2]!, m[3]!);
    this.count++;
  }
}

/** Opens a connection, sends `bytes`, and waits for its end. */
function ask(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
  });
}

async function askAll(port: number, keys: readonly Key[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < keys.length; i = next++) await ask(port, keys[i]!.bytes);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

/** Farms in a row: the servers of each are the addresses 127.0.0.N of the next, those of the last answer nobody. */
function configOf(ports: readonly number[], logPort: number): string {
  const farms = FARMS.map(([, words], farm) => {
    const servers = WEIGHTS.map(
      (weight, i) =>
        `    server s${i + 1} 127.0.0.${i + 1}:${ports[farm + 1]!} weight ${weight} id ${3 * i + 2}` +
        `${farm + 1 < FARMS.length ? ' send-proxy' : ''}\n`,
    );
    return `listen farm${farm}\n    bind 0.0.0.0:${ports[farm]!} accept-proxy\n    ${words}\n${servers.join('')}`;
  });
  return `ring choices
    format raw
    maxlen 200
    size 8388608
    timeout connect 5s
    timeout server 60s
    server log 127.0.0.1:${logPort}
defaults
    mode tcp
    log ring@choices local0
    log-format "%b %ci %cp %s"
    option nolinger
    retries 0
    timeout connect 10s
    timeout client 20s
    timeout server 20s
${farms.join('')}`;
}

async function choicesOf(kind: ProgramKind, ports: readonly number[], keys: readonly Key[]): Promise<Choices> {
  const choices = new Choices();
  const config = configOf(ports, await choices.listen());
  let program: Program | null = null;
  try {
    program = await startProgram({ kind, config });
    await askAll(ports[0]!, keys);
    const all = keys.length * FARMS.length;
    await until('all choices to be logged', () => Promise.resolve(choices.count >= all || undefined), CHOICES_LIMIT_MS);
  } catch (error) {
    assert.fail(`${kind}: ${choices.count} choices came. ${String(error)}`);
  } finally {
    await program?.stop();
    choices.close();
  }
  return choices;
}

if (spawnSync(programPath('reference'), ['-v']).status !== 0) {
  console.log('haproxy is not installed: the comparison of balancing with the reference is left out');
} else {
  test(`${KEYS} keys for each hash go to the servers of the reference (${subjectName()}, SEED=${SEED})`, async (t) => {
    const ports: number[] = [];
    for (let i = 0; i <= FARMS.length; i++) ports.push(await freePort());
    const keys = makeKeys(new Random(SEED), KEYS, ports.at(-1)!);
    const reference = await choicesOf('reference', ports, keys);
    const own = await choicesOf(subjectKind(), ports, keys);
    for (const [farm, [name]] of FARMS.entries()) {
      await t.test(name, () => {
        const there = reference.byFarm[farm]!;
        const here = own.byFarm[farm]!;
        assert.equal(new Set(there.values()).size, WEIGHTS.length, 'all servers are chosen');
        assert.deepEqual(
          keys
            .filter(({ name: key }) => there.get(key) === undefined || there.get(key) !== here.get(key))
            .map(({ name: key }) => `${key}: ${there.get(key)} there, ${here.get(key)} here`)
            .slice(0, SHOWN),
          [],
        );
      });
    }
  });
}
