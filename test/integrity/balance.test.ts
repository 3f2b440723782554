// Ten thousand keys go to the same servers as with the reference: both programs run with the same farms, each server answers
// its number, and the client addresses come in PROXY headers. Left out, with a word, where the reference is not installed.
// Environment, besides test/support/target.ts: KEYS=N another number of keys, SEED=N replays a run.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import net from 'node:net';
import { test } from 'node:test';

import { freePort } from '../support/ports.js';
import { startProgram } from '../support/program.js';
import { programPath, subjectKind, subjectName } from '../support/target.js';
import { Random } from './plan.js';

const KEYS = Number(process.env['KEYS'] ?? 10_000);
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 0x7fffffff));
const AT_A_TIME = 64;
const WEIGHTS = [3, 1, 7, 2, 20, 5, 12];
const SHOWN = 10;

const FARMS: Readonly<Record<string, string>> = {
  'balance source': 'balance source',
  'balance source, avalanche': 'balance source\n    hash-type map-based sdbm avalanche',
  'balance source, consistent': 'balance source\n    hash-type consistent',
  'balance hash src, wt6': 'balance hash src\n    hash-type map-based wt6',
  'balance hash src, consistent djb2 avalanche': 'balance hash src\n    hash-type consistent djb2 avalanche',
};

/** PROXY headers of made-up clients, a third of them IPv6. */
function clients(random: Random, n: number): string[] {
  const below = (max: number): number => random.below(max);
  return Array.from({ length: n }, (_, i) => {
    if (i % 3 === 2) {
      const groups = Array.from({ length: 7 }, () => below(65536).toString(16)).join(':');
      return `PROXY TCP6 2001:${groups} 2001:db8::1 ${1 + below(65535)} 80\r\n`;
    }
    const ip = [1 + below(220), below(256), below(256), 1 + below(254)].join('.');
    return `PROXY TCP4 ${ip} 192.0.2.1 ${1 + below(65535)} 80\r\n`;
  });
}

/** What answered, or '' where nobody did. */
function ask(port: number, header: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect({ port, host: '127.0.0.1' }, () => socket.write(header));
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

async function askAll(port: number, headers: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < headers.length; i = next++) answers[i] = await ask(port, headers[i]!);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return answers;
}

if (spawnSync(programPath('reference'), ['-v']).status !== 0) {
  console.log('haproxy is not installed: the comparison of balancing with the reference is left out');
} else {
  test(`${KEYS} keys for each hash go to the servers of the reference (${subjectName()}, SEED=${SEED})`, async (t) => {
    const headers = clients(new Random(SEED), KEYS);
    const servers = WEIGHTS.map((_, i) => net.createServer((c) => c.on('error', () => undefined).end(`${i + 1}`)));
    for (const s of servers) await new Promise<void>((ready) => s.listen(0, '127.0.0.1', 4096, ready));
    const lines = servers.map((s, i) => {
      const { port } = s.address() as net.AddressInfo;
      return `    server s${i + 1} 127.0.0.1:${port} weight ${WEIGHTS[i]!} id ${3 * i + 2}\n`;
    });
    try {
      for (const [name, words] of Object.entries(FARMS)) {
        await t.test(name, async () => {
          const seen: string[][] = [];
          for (const kind of ['reference', subjectKind()] as const) {
            const port = await freePort();
            const config = `defaults
    mode tcp
    timeout connect 10s
    timeout client 20s
    timeout server 20s
listen l
    bind 127.0.0.1:${port} accept-proxy
    ${words}
${lines.join('')}`;
            const program = await startProgram({ kind, config });
            try {
              seen.push(await askAll(port, headers));
            } finally {
              await program.stop();
            }
          }
          const [reference, own] = seen as [string[], string[]];
          assert.deepEqual(
            headers
              .map((h, i) => `${h.trim()}: ${reference[i]!} there, ${own[i]!} here`)
              .filter((_, i) => reference[i] !== own[i] || own[i] === '')
              .slice(0, SHOWN),
            [],
          );
        });
      }
    } finally {
      for (const s of servers) s.close();
    }
  });
}
