// Keywords of proxies that the reference knows and sluice does not have yet, or that it has no need for (manual 4.1).

import {
  type ProxyKeyword,
  SEC_BACK,
  SEC_BACKEND,
  SEC_FRONT,
  SEC_FRONTEND,
  SEC_LISTEN,
  SEC_PROXY,
} from '../keyword.js';

const SEC_BODY_BACK = SEC_BACKEND | SEC_LISTEN;
const SEC_BODY_FRONT = SEC_FRONTEND | SEC_LISTEN;
const SEC_BODY = SEC_BODY_BACK | SEC_BODY_FRONT;

/** `n` words of the syntax are the keyword. */
function later(n: 1 | 2, sections: number, syntaxes: readonly string[]): ProxyKeyword[] {
  return syntaxes.map((syntax) => ({
    words: syntax.split(' ').slice(0, n).join(' '),
    sections,
    syntax,
    status: 'later' as const,
    parse: null,
  }));
}

export const proxyLater: readonly ProxyKeyword[] = [
  ...later(1, SEC_PROXY, ['errorfiles <name> [<code> ...]']),
  ...later(2, SEC_PROXY, [
    'email-alert from <emailaddr>',
    'email-alert level <level>',
    'email-alert mailers <mailersect>',
    'email-alert myhostname <hostname>',
    'email-alert to <emailaddr>',
  ]),
  ...later(1, SEC_FRONT, ['clitcpka-cnt <count>', 'clitcpka-idle <timeout>', 'clitcpka-intvl <timeout>']),
  ...later(1, SEC_BACK, [
    'http-check <action> ...',
    'load-server-state-from-file { global | local | none }',
    'retry-on [ space-delimited list of keywords ]',
    'server-state-file-name [ { use-backend-name | <file> } ]',
    'srvtcpka-cnt <count>',
    'srvtcpka-idle <timeout>',
    'srvtcpka-intvl <timeout>',
    'tcp-check <action> ...',
    'transparent',
  ]),
  ...later(2, SEC_BACK, ['external-check command <command>', 'external-check path <path>']),
  ...later(1, SEC_BODY_BACK, ['dispatch <address>:<port>', 'use-fcgi-app <name>']),
  ...later(2, SEC_BODY_BACK, [
    'stick match <pattern> [table <table>] [{if | unless} <cond>]',
    'stick on <pattern> [table <table>] [{if | unless} <condition>]',
    'stick store-request <pattern> [table <table>] [{if | unless} <condition>]',
    'stick store-response <pattern> [table <table>] [{if | unless} <condition>]',
  ]),
  ...later(1, SEC_BODY, ['filter <name> [param*]', 'stick-table type <type> size <size> [expire <expire>] ...']),
];
