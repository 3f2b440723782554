// Options of server lines that mean something in mode http alone (configuration manual 5.2). What a tcp proxy makes of them is
// said once everything is known: a cookie is ignored, a prefix to redirect to is an error.

import type { ServerKeyword } from '../keyword.js';
import type { Reports } from '../reports.js';
import type { ProxyConf } from '../types.js';
import { proxyTypeName } from './sides.js';

const MUXES: readonly string[] = ['auto', 'h1', 'h2'];

export const serverHttp: readonly ServerKeyword[] = [
  {
    words: 'cookie',
    args: 1,
    syntax: 'cookie <value>',
    status: 'http',
    parse: (line, at, server) => {
      if (line.arg(at + 1) === '') return `'cookie' expects <value> as argument.`;
      server.cookie = line.arg(at + 1);
      return '';
    },
  },
  {
    words: 'redir',
    args: 1,
    syntax: 'redir <prefix>',
    status: 'http',
    parse: (line, at, server) => {
      if (line.arg(at + 1) === '') return `'redir' expects <prefix> as argument.`;
      server.redir = line.arg(at + 1);
      return '';
    },
  },
  {
    words: 'ws',
    args: 1,
    syntax: 'ws { auto | h1 | h2 }',
    status: 'http',
    parse: (line, at) => (MUXES.includes(line.arg(at + 1)) ? '' : `'ws' has to be 'auto', 'h1' or 'h2'`),
  },
];

/** What servers of a tcp proxy cannot have. */
export function verifyServersHttp(px: ProxyConf, reports: Reports): void {
  if (px.mode !== 'tcp') return;
  const who = `${proxyTypeName(px)} '${px.name}'`;
  for (const s of px.servers) {
    if (s.redir !== '') {
      const text = `${who} : server cannot have cookie or redirect prefix in non-HTTP mode.`;
      reports.add('alert', 'needs-http', text, s.position, { form: 'bare', keyword: 'redir' });
    } else if (s.cookie !== '') {
      const text = `${who} : ignoring cookie for server '${s.name}' as HTTP mode is disabled.`;
      reports.add('warning', 'needs-http', text, s.position, { form: 'bare', keyword: 'cookie' });
    }
  }
}
