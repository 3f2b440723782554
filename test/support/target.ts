// Which programs the tests run, and over which transport. Environment:
//   TARGET=haproxy         runs the reference where a test would run sluice (to validate the test itself)
//   SLUICE_TRANSPORT=NAME  epoll (default), uring or js; a run fails when sluice reports another one
//   REFERENCE=PATH         the reference program (default: `haproxy` from PATH)

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ProgramKind = 'reference' | 'sluice';
export type TransportName = 'epoll' | 'uring' | 'js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const TRANSPORTS: readonly string[] = ['epoll', 'uring', 'js'];

/** The program under test: sluice, or the reference with TARGET=haproxy. */
export function subjectKind(): ProgramKind {
  const target = process.env['TARGET'] ?? 'sluice';
  if (target === 'haproxy') return 'reference';
  if (target !== 'sluice') throw new Error(`TARGET must be sluice or haproxy, not ${target}`);
  return 'sluice';
}

/** The transport this run is for. */
export function forcedTransport(): TransportName {
  const name = process.env['SLUICE_TRANSPORT'] ?? 'epoll';
  if (!TRANSPORTS.includes(name))
    throw new Error(`SLUICE_TRANSPORT must be one of ${TRANSPORTS.join(' ')}, not ${name}`);
  return name as TransportName;
}

/** How the subject of this run is called in titles and messages. */
export function subjectName(transport: TransportName = forcedTransport()): string {
  return subjectKind() === 'reference' ? 'reference' : `sluice/${transport}`;
}

/** The executable of a program. Throws where sluice has not been built. */
export function programPath(kind: ProgramKind): string {
  if (kind === 'reference') return process.env['REFERENCE'] ?? 'haproxy';
  const main = join(ROOT, 'dist', 'main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: run \`node scripts/build.mjs\` first`);
  return main;
}

/** True where strace sees the calls on a connection: the reference, and sluice over epoll. */
export function callsAreVisible(): boolean {
  return subjectKind() === 'reference' || forcedTransport() === 'epoll';
}

/** True where the subject of this run can splice. */
export function canSplice(): boolean {
  return subjectKind() === 'reference' || forcedTransport() !== 'js';
}
