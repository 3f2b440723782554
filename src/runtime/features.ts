// Build features by HAProxy's names, USE_* (contract row C30): shown by -vv, asked by `feature(NAME)`; and the run-time
// switches that `enabled(NAME)` asks for.

import { SYS_F_BINDDEV, SYS_F_EPOLL, SYS_F_KQUEUE, SYS_F_SOCKOPT, SYS_F_SPLICE } from '../sys/types.js';

export interface Feature {
  /** With its prefix: 'USE_EPOLL'. */
  readonly name: string;
  readonly on: boolean;
}

export interface FeatureInput {
  /** SYS_F_* bits of the transport in use (0 without the addon). */
  readonly features: number;
  /** io_uring can be used here. */
  readonly uring: boolean;
}

type Test = boolean | ((input: FeatureInput) => boolean);

const has = (bit: number): Test => {
  return (input) => (input.features & bit) !== 0;
};

/** Every name of the reference, and IO_URING, ours. Parts that are not built yet are off. */
const TABLE: readonly (readonly [name: string, test: Test])[] = [
  ['51DEGREES', false],
  ['ACCEPT4', has(SYS_F_SOCKOPT)],
  ['BACKTRACE', false],
  ['CLOSEFROM', false],
  ['CPU_AFFINITY', false],
  ['CRYPT_H', false],
  ['DEVICEATLAS', false],
  ['DL', false],
  ['ENGINE', false],
  ['EPOLL', has(SYS_F_EPOLL)],
  ['EVPORTS', false],
  ['GETADDRINFO', true],
  ['IO_URING', (input) => input.uring],
  ['KQUEUE', has(SYS_F_KQUEUE)],
  ['LIBCRYPT', false],
  ['LINUX_SPLICE', has(SYS_F_SPLICE)],
  ['LINUX_TPROXY', has(SYS_F_BINDDEV)],
  ['LUA', false],
  ['MEMORY_PROFILING', false],
  ['NETFILTER', has(SYS_F_SOCKOPT)],
  ['NS', false],
  ['OBSOLETE_LINKER', false],
  ['OPENSSL', false],
  ['OT', false],
  ['PCRE', false],
  ['PCRE2', false],
  ['PCRE2_JIT', false],
  ['PCRE_JIT', false],
  ['POLL', false],
  ['PRCTL', false],
  ['PROCCTL', false],
  ['PROMEX', false],
  ['QUIC', false],
  ['RT', false],
  ['SLZ', false],
  ['STATIC_PCRE', false],
  ['STATIC_PCRE2', false],
  ['SYSTEMD', false],
  ['TFO', has(SYS_F_SOCKOPT)],
  ['THREAD', false],
  ['THREAD_DUMP', false],
  ['TPROXY', has(SYS_F_BINDDEV)],
  ['WURFL', false],
  ['ZLIB', false],
];

export function buildFeatures(input: FeatureInput): Feature[] {
  return TABLE.map(([name, test]) => ({ name: `USE_${name}`, on: typeof test === 'boolean' ? test : test(input) }));
}

/** `-51DEGREES +ACCEPT4 …` */
export function featureList(features: readonly Feature[]): string {
  return features.map((f) => `${f.on ? '+' : '-'}${f.name.slice('USE_'.length)}`).join(' ');
}

/** Answers `feature(NAME)`; the prefix USE_ is tolerated. */
export function hasFeature(features: readonly Feature[], name: string): boolean {
  const full = name.startsWith('USE_') ? name : `USE_${name}`;
  return features.some((f) => f.on && f.name === full);
}

export interface Switches {
  readonly noEpoll: boolean;
  readonly noPoll: boolean;
  readonly noKqueue: boolean;
  readonly noSplice: boolean;
  readonly noGetaddrinfo: boolean;
  readonly noReuseport: boolean;
}

/** Answers `enabled(NAME)`: built in, and not switched off on the command line. Unknown names are not enabled. */
export function isEnabled(features: readonly Feature[], off: Switches, name: string): boolean {
  switch (name) {
    case 'EPOLL':
      return hasFeature(features, 'EPOLL') && !off.noEpoll;
    case 'KQUEUE':
      return hasFeature(features, 'KQUEUE') && !off.noKqueue;
    case 'POLL':
      return hasFeature(features, 'POLL') && !off.noPoll;
    case 'SPLICE':
      return hasFeature(features, 'LINUX_SPLICE') && !off.noSplice;
    case 'GETADDRINFO':
      return !off.noGetaddrinfo;
    case 'REUSEPORT':
      return hasFeature(features, 'ACCEPT4') && !off.noReuseport;
    default:
      return false;
  }
}
