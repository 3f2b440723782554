// Keywords of the global section without effect here, or not yet in sluice (configuration manual, section 3).

import { type GlobalKeyword, SEC_GLOBAL } from '../keyword.js';
import type { Line } from '../line.js';
import type { GlobalConf } from '../types.js';
import { badGlobalArguments, hasCheck } from './global-checks.js';

function entry(syntax: string, status: 'notice' | 'later', parse: GlobalKeyword['parse']): GlobalKeyword {
  return { words: syntax.split(' ')[0]!, sections: SEC_GLOBAL, syntax, status, parse };
}

/** Those that may have `no` in front. */
const NEGATABLE = new Set(['busy-polling', 'insecure-fork-wanted', 'numa-cpu-mapping', 'set-dumpable']);

/** Tuning of parts that sluice does not have, or has otherwise: kept as data, said once. */
function tuning(syntaxes: readonly string[]): GlobalKeyword[] {
  return syntaxes.map((syntax) => {
    const wants = syntax.includes(' ');
    const made = entry(syntax, 'notice', (line: Line, global: GlobalConf): void => {
      const word = line.arg(0);
      if (badGlobalArguments(line)) return;
      if (wants && !hasCheck(word) && line.arg(1) === '') {
        line.alert(1, 'missing-argument', `'${word}' expects an argument.`, { expected: syntax });
        return;
      }
      if (word.startsWith('tune.')) global.tune.other[word] = line.rest(1);
      else global.other[word] = line.rest(1);
    });
    return { ...made, negatable: NEGATABLE.has(made.words) };
  });
}

export const globalLater: readonly GlobalKeyword[] = [
  ...tuning([
    'busy-polling',
    'close-spread-time <time>',
    'cpu-map [auto:]<thread-group>[/<thread-set>] <cpu-set>...',
    'h2-workaround-bogus-websocket-clients',
    'insecure-fork-wanted',
    'insecure-setuid-wanted',
    'max-spread-checks <delay in milliseconds>',
    'maxcompcpuusage <number>',
    'maxcomprate <number>',
    'maxzlibmem <number>',
    'mworker-max-reloads <number>',
    'no-memory-trimming',
    'noevports',
    'numa-cpu-mapping',
    'pp2-never-send-local',
    'set-dumpable',
    'thread-group <group> [<thread-range>...]',
    'thread-groups <number>',
    'tune.comp.maxlevel <number>',
    'tune.fail-alloc <number>',
    'tune.fd.edge-triggered { on | off }',
    'tune.h2.header-table-size <number>',
    'tune.h2.initial-window-size <number>',
    'tune.h2.max-concurrent-streams <number>',
    'tune.h2.max-frame-size <number>',
    'tune.http.cookielen <number>',
    'tune.http.logurilen <number>',
    'tune.idle-pool.shared { on | off }',
    'tune.listener.multi-queue { on | off }',
    'tune.lua.forced-yield <number>',
    'tune.lua.maxmem <number>',
    'tune.lua.service-timeout <timeout>',
    'tune.lua.session-timeout <timeout>',
    'tune.lua.task-timeout <timeout>',
    'tune.pattern.cache-size <number>',
    'tune.peers.max-updates-at-once <number>',
    'tune.pool-high-fd-ratio <number>',
    'tune.pool-low-fd-ratio <number>',
    'tune.quic.frontend.conn-tx-buffers.limit <number>',
    'tune.quic.frontend.max-idle-timeout <timeout>',
    'tune.quic.frontend.max-streams-bidi <number>',
    'tune.quic.retry-threshold <number>',
    'tune.sched.low-latency { on | off }',
    'tune.ssl.cachesize <number>',
    'tune.ssl.capture-buffer-size <number>',
    'tune.ssl.capture-cipherlist-size <number>',
    'tune.ssl.default-dh-param <number>',
    'tune.ssl.force-private-cache',
    'tune.ssl.hard-maxrecord <number>',
    'tune.ssl.keylog { on | off }',
    'tune.ssl.lifetime <timeout>',
    'tune.ssl.maxrecord <number>',
    'tune.ssl.ssl-ctx-cache-size <number>',
    'tune.vars.check-max-size <size>',
    'tune.zlib.memlevel <number>',
    'tune.zlib.windowsize <number>',
    // Defaults of TLS lines: without a TLS line, and there is none yet, they decide nothing.
    'ca-base <dir>',
    'crt-base <dir>',
    'issuers-chain-path <dir>',
    'maxsslconn <number>',
    'maxsslrate <number>',
    'ssl-default-bind-ciphers <ciphers>',
    'ssl-default-bind-ciphersuites <ciphersuites>',
    'ssl-default-bind-curves <curves>',
    'ssl-default-bind-options [<option>]...',
    'ssl-default-server-ciphers <ciphers>',
    'ssl-default-server-ciphersuites <ciphersuites>',
    'ssl-default-server-options [<option>]...',
    'ssl-dh-param-file <file>',
    'ssl-engine <name> [algo <comma-separated list of algorithms>]',
    'ssl-load-extra-del-ext',
    'ssl-load-extra-files <none|all|bundle|sctl|ocsp|issuer|key>*',
    'ssl-mode-async',
    'ssl-propquery <query>',
    'ssl-provider <name>',
    'ssl-provider-path <path>',
    'ssl-server-verify [none|required]',
    'ssl-skip-self-issued-ca',
    'server-state-base <directory>',
    'server-state-file <file>',
  ]),
  ...[
    '51degrees-cache-size <number>',
    '51degrees-data-file <file path>',
    '51degrees-property-name-list [<string> ...]',
    '51degrees-property-separator <char>',
    'cluster-secret <secret>',
    'default-path { current | config | parent | origin <path> }',
    'deviceatlas-json-file <path>',
    'deviceatlas-log-level <value>',
    'deviceatlas-properties-cookie <name>',
    'deviceatlas-separator <char>',
    'h1-accept-payload-with-any-method',
    'h1-case-adjust <from> <to>',
    'h1-case-adjust-file <hdrs-file>',
    'httpclient.resolvers.id <resolvers id>',
    'httpclient.resolvers.prefer <ipv4|ipv6>',
    'httpclient.ssl.ca-file <cafile>',
    'httpclient.ssl.verify [none|required]',
    'lua-load <file> [ <arg1> [ <arg2> [ ... ] ] ]',
    'lua-load-per-thread <file> [ <arg1> [ <arg2> [ ... ] ] ]',
    'lua-prepend-path <string> [<type>]',
    'wurfl-cache-size <size>',
    'wurfl-data-file <file path>',
    'wurfl-information-list [<capability>]*',
    'wurfl-information-list-separator <char>',
  ].map((syntax) => entry(syntax, 'later', null)),
];
