// Options of bind lines that the reference knows and sluice does not have yet, or that mean nothing here (manual 5.1).

import type { BindKeyword } from '../keyword.js';

function later(args: number, syntaxes: readonly string[]): BindKeyword[] {
  return syntaxes.map((syntax) => ({
    words: syntax.split(' ')[0]!,
    args,
    syntax,
    status: 'later' as const,
    parse: null,
  }));
}

function without(args: number, syntaxes: readonly string[]): BindKeyword[] {
  return syntaxes.map((syntax) => ({
    words: syntax.split(' ')[0]!,
    args,
    syntax,
    status: 'notice' as const,
    parse: null,
  }));
}

/** As the reference: of no effect, and on its way out. */
const bindProcess: BindKeyword = {
  words: 'process',
  args: 1,
  syntax: 'process <process-set>[/<thread-set>]',
  status: 'implemented',
  parse: (line, at, _bind, scope) => {
    const name = `'process ${line.arg(at + 1)}' on 'bind' lines`;
    const lead = `'bind ${line.arg(1)}' in section '${scope.section.kind}'`;
    line.warning(at, 'deprecated', `${lead} : ${name} is deprecated and will be removed in 2.7.`, {
      keyword: 'process',
    });
    return '';
  },
};

export const bindLater: readonly BindKeyword[] = [
  bindProcess,
  ...without(1, ['thread [<thread-group>/]<thread-set>', 'shards <number> | by-thread']),
  ...later(0, ['quic-force-retry']),
  ...later(1, ['namespace <name>', 'quic-cc-algo [ cubic | newreno ]']),
  ...later(0, [
    'allow-0rtt',
    'force-sslv3',
    'force-tlsv10',
    'force-tlsv11',
    'force-tlsv12',
    'force-tlsv13',
    'generate-certificates',
    'no-ca-names',
    'no-sslv3',
    'no-tls-tickets',
    'no-tlsv10',
    'no-tlsv11',
    'no-tlsv12',
    'no-tlsv13',
    'prefer-client-ciphers',
    'ssl',
    'strict-sni',
  ]),
  ...later(1, [
    'alpn <protocols>',
    'ca-file <cafile>',
    'ca-ignore-err [all|<errorID>,...]',
    'ca-sign-file <cafile>',
    'ca-sign-pass <passphrase>',
    'ca-verify-file <cafile>',
    'ciphers <ciphers>',
    'ciphersuites <ciphersuites>',
    'crl-file <crlfile>',
    'crt <cert>',
    'crt-ignore-err <errors>',
    'crt-list <file>',
    'curves <curves>',
    'ecdhe <named curve>',
    'npn <protocols>',
    'ssl-max-ver [ SSLv3 | TLSv1.0 | TLSv1.1 | TLSv1.2 | TLSv1.3 ]',
    'ssl-min-ver [ SSLv3 | TLSv1.0 | TLSv1.1 | TLSv1.2 | TLSv1.3 ]',
    'tls-ticket-keys <keyfile>',
    'verify [none|optional|required]',
  ]),
];
