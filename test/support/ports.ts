// Free TCP ports for programs under test. They lie below the range from which the system takes ports of outgoing
// connections, so that no connection of another test can take one between the probe and the program's bind.

import { readFileSync } from 'node:fs';
import net from 'node:net';

const LOWEST = 10240;
const TRIES = 200;

function ephemeralFirst(): number {
  try {
    const first = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
    return first > LOWEST + 1000 ? first : 32768;
  } catch {
    return 32768;
  }
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

const given = new Set<number>();

/** A port on 127.0.0.1 that nobody listens on now, never given twice by this process. */
export async function freePort(): Promise<number> {
  const span = ephemeralFirst() - LOWEST;
  for (let i = 0; i < TRIES; i++) {
    const port = LOWEST + Math.floor(Math.random() * span);
    if (given.has(port)) continue;
    given.add(port);
    if (await canBind(port)) return port;
  }
  throw new Error(`no free port after ${TRIES} tries`);
}
