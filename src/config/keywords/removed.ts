// Words that the reference once had and now refuses, with the advice that it gives: old files are full of them.

import { type ProxyKeyword, SEC_PROXY } from '../keyword.js';

function gone(words: string, text: string, form: 'parsing' | 'tight' = 'parsing'): ProxyKeyword {
  return {
    words,
    sections: SEC_PROXY,
    syntax: words,
    status: 'removed',
    parse: (line) => {
      line.alert(0, 'removed', text, { form });
    },
  };
}

function since21(word: string, advice: string): ProxyKeyword {
  return gone(word, `The '${word}' directive is not supported anymore since HAProxy 2.1.${advice}`);
}

function instead(what: string, words: readonly string[]): ProxyKeyword[] {
  return words.map((word) => since21(word, ` Use '${what}' instead.`));
}

const REPLACE = `Use 'http-request replace-path', 'http-request replace-uri' or 'http-request replace-header' instead.`;

export const proxyRemoved: readonly ProxyKeyword[] = [
  ...[
    ['clitimeout', 'timeout client'],
    ['contimeout', 'timeout connect'],
    ['srvtimeout', 'timeout server'],
  ].map(([old, now]) =>
    gone(old!, `the '${old!}' directive is not supported anymore since HAProxy 2.1. Use '${now!}'.`),
  ),
  ...instead('http-request add-header', ['reqadd']),
  ...instead('http-request allow', ['reqallow', 'reqiallow']),
  ...instead('http-request del-header', ['reqdel', 'reqidel']),
  ...instead('http-request deny', ['reqideny']),
  ...instead('http-request replace-header', ['reqirep']),
  ...instead('http-request tarpit', ['reqitarpit', 'reqtarpit']),
  ...instead('http-response add-header', ['rspadd']),
  ...instead('http-response del-header', ['rspidel']),
  ...instead('http-response deny', ['rspdeny', 'rspideny']),
  ...instead('http-response replace-header', ['rspirep', 'rsprep', 'srvexp']),
  since21('reqipass', ''),
  since21('reqrep', ` ${REPLACE}`),
  since21('cliexp', ` ${REPLACE}`),
  since21('rspdel', ` Use 'http-response del-header' .`),
  since21('block', ` Use 'http-request deny' which uses the exact same syntax.`),
  gone('reqdeny', `The 'reqdeny' not supported anymore since HAProxy 2.1. Use 'http-request deny' instead.`),
  gone('reqpass', `The 'reqpass' not supported anymore since HAProxy 2.1.`),
  gone('appsession', `'appsession' is not supported anymore since HAProxy 1.6.`),
  ...['redisp', 'redispatch'].map((word) =>
    gone(word, `keyword '${word}' directive is not supported anymore since HAProxy 2.1. Use 'option redispatch'.`),
  ),
  gone('grace', `the 'grace' keyword is not supported any more since HAProxy version 2.5.`, 'tight'),
  gone(
    'option forceclose',
    `option 'forceclose' is not supported any more since HAProxy 2.0, please just remove it, or use 'option httpclose' if absolutely needed.`,
    'tight',
  ),
  gone(
    'option http-tunnel',
    `option 'http-tunnel' is not supported any more since HAProxy 2.1, please just remove it, it shouldn't be needed.`,
    'tight',
  ),
  gone(
    'option http_proxy',
    `option 'http_proxy' is not supported any more since HAProxy 2.5. This option stopped working in HAProxy 1.9 and usually had nasty side effects. It can be more reliably implemented with combinations of 'http-request set-dst' and 'http-request set-uri', and even 'http-request do-resolve' if DNS resolution is desired.`,
    'tight',
  ),
  {
    words: 'monitor-net',
    sections: SEC_PROXY,
    syntax: 'monitor-net',
    status: 'removed',
    parse: (line) => {
      const advice = `Please use 'http-request return status 200 if { src ${line.arg(1)} }' instead.`;
      line.alert(0, 'removed', `'monitor-net' doesn't exist anymore. ${advice}`);
    },
  },
  {
    words: 'bind-process',
    sections: SEC_PROXY,
    syntax: 'bind-process [ all | odd | even | <process_num>[-[<process_num>]] ] ...',
    status: 'implemented',
    parse: (line) => {
      const text = `'bind-process' has no effect, is deprecated, and will be removed in version 2.7.`;
      line.warning(0, 'deprecated', text, { form: 'tight' });
    },
  },
];
