// Keywords of defaults, frontend, backend and listen sections (configuration manual 4.1, 4.2), apart from `timeout`,
// `option`, `bind`, `server`, `log` and `source`, which have files of their own.

import {
  type ProxyKeyword,
  SEC_BACK,
  SEC_BACKEND,
  SEC_FRONT,
  SEC_FRONTEND,
  SEC_LISTEN,
  SEC_PROXY,
} from '../keyword.js';
import type { Line } from '../line.js';
import { nearestWord } from '../nearest.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import { PR_CAP_BE, PR_CAP_DEF, PR_CAP_FE, type ProxyConf } from '../types.js';
import { readInt } from '../values.js';
import { aclKeywords } from './acl.js';
import { balanceKeywords } from './balance.js';
import { parseBind } from './bind.js';
import { captureKeywords } from './capture.js';
import { httpLineKeywords } from './http-lines.js';
import { httpRuleKeywords } from './http-rules.js';
import { httpStatsKeywords } from './http-stats.js';
import { logKeywords } from './log-keywords.js';
import { optionKeywords } from './options.js';
import { proxyLater } from './proxy-later.js';
import { proxyRemoved } from './removed.js';
import { parseDefaultServer, parseServer } from './server.js';
import { parseServerTemplate } from './server-template.js';
import { ignoredHere, proxyTypeName } from './sides.js';
import { proxySource } from './source.js';
import { switchingKeywords } from './switching.js';
import { tcpRuleKeywords } from './tcp-rules.js';
import { timeoutKeywords } from './timeouts.js';

const SEC_NO_DEFAULTS = SEC_FRONTEND | SEC_LISTEN | SEC_BACKEND;

function parseMode(line: Line, px: ProxyConf): void {
  const mode = line.arg(1);
  if (mode === 'health') {
    const text = `'mode health' doesn't exist anymore. Please use 'http-request return status 200' instead.`;
    line.alert(1, 'removed', text);
    return;
  }
  if (mode !== 'tcp' && mode !== 'http') {
    const nearest = nearestWord(mode, ['tcp', 'http']);
    line.alert(1, 'unknown-word', `unknown proxy mode '${clip(mode)}'.`, {
      nearest,
      expected: "'tcp' or 'http'",
    });
    return;
  }
  if (line.tooMany(1)) return;
  px.mode = mode;
  if (mode === 'http')
    line.alert(1, 'not-yet', `'mode http' is known to HAProxy, but not in sluice yet`, { keyword: 'mode http' });
}

function intKeyword(line: Line, store: (n: number) => void): void {
  const word = line.arg(0);
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', `'${word}' expects an integer argument.`, { expected: 'an integer' });
    return;
  }
  const n = line.int(1);
  if (line.tooMany(1)) return;
  store(Math.max(0, n));
}

function parseRetries(line: Line, px: ProxyConf): void {
  if (ignoredHere(line, px, PR_CAP_BE)) return;
  if (line.arg(1) === '') {
    const text = `'retries' expects an integer argument (dispatch counts for one).`;
    line.alert(1, 'missing-argument', text, { expected: 'an integer' });
    return;
  }
  const n = line.int(1);
  if (line.tooMany(1)) return;
  px.retries = Math.max(0, n);
}

function parseDefaultBackend(line: Line, px: ProxyConf): void {
  if (ignoredHere(line, px, PR_CAP_FE)) return;
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', `'default_backend' expects a backend name.`);
    return;
  }
  if (line.tooMany(1)) return;
  px.defaultBackend = { name: line.arg(1), proxy: null, position: line.pos(1) };
}

function parseId(line: Line, px: ProxyConf, scope: Scope): void {
  if ((px.caps & PR_CAP_DEF) !== 0) {
    line.alert(0, 'wrong-section', `'id' not allowed in 'defaults' section.`, { form: 'tight' });
    return;
  }
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', `'id' expects an integer argument.`, { form: 'tight' });
    return;
  }
  const { value } = readInt(line.arg(1));
  if (value <= 0) {
    line.alert(1, 'bad-number', `custom id has to be > 0.`, { form: 'tight' });
    return;
  }
  if (line.tooMany(1)) return;
  const other = scope.config.proxies.find((p) => p !== px && p.id === value);
  if (other !== undefined) {
    const where = `(declared at ${other.position.file}:${other.position.line})`;
    const text = `${proxyTypeName(px)} ${px.name} reuses same custom id as ${proxyTypeName(other)} ${other.name} ${where}.`;
    line.alert(1, 'duplicate-id', text, { form: 'tight' });
    return;
  }
  px.id = value;
  px.idForced = true;
}

function parseDescription(line: Line, px: ProxyConf): void {
  if ((px.caps & PR_CAP_DEF) !== 0) {
    line.alert(0, 'wrong-section', `'description' not allowed in 'defaults' section.`);
    return;
  }
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', `'description' expects a string argument.`, { form: 'tight' });
    return;
  }
  px.description = line.rest(1);
}

const proxyDone: readonly ProxyKeyword[] = [
  {
    words: 'backlog',
    sections: SEC_FRONT,
    syntax: 'backlog <conns>',
    status: 'implemented',
    parse: (line, px) => {
      if (ignoredHere(line, px, PR_CAP_FE)) return;
      intKeyword(line, (n) => (px.backlog = n));
    },
  },
  {
    words: 'bind',
    sections: SEC_FRONTEND | SEC_LISTEN,
    syntax: 'bind [<address>]:<port_range> [, ...] [param*]',
    status: 'implemented',
    parse: parseBind,
  },
  {
    words: 'default-server',
    sections: SEC_BACK,
    syntax: 'default-server [param*]',
    status: 'implemented',
    parse: parseDefaultServer,
  },
  {
    words: 'default_backend',
    sections: SEC_FRONT,
    syntax: 'default_backend <backend>',
    status: 'implemented',
    parse: parseDefaultBackend,
  },
  {
    words: 'description',
    sections: SEC_NO_DEFAULTS,
    syntax: 'description <string>',
    status: 'notice',
    parse: parseDescription,
  },
  {
    words: 'disabled',
    sections: SEC_PROXY,
    syntax: 'disabled',
    status: 'implemented',
    parse: (line, px) => {
      if (!line.tooMany(0)) px.disabled = true;
    },
  },
  {
    words: 'enabled',
    sections: SEC_PROXY,
    syntax: 'enabled',
    status: 'implemented',
    parse: (line, px) => {
      if (!line.tooMany(0)) px.disabled = false;
    },
  },
  {
    words: 'fullconn',
    sections: SEC_BACK,
    syntax: 'fullconn <conns>',
    status: 'implemented',
    parse: (line, px) => {
      if (ignoredHere(line, px, PR_CAP_BE, 'fullconn', " Maybe you want 'maxconn' instead ?")) return;
      intKeyword(line, (n) => (px.fullconn = n));
    },
  },
  { words: 'id', sections: SEC_NO_DEFAULTS, syntax: 'id <value>', status: 'implemented', parse: parseId },
  {
    words: 'maxconn',
    sections: SEC_FRONT,
    syntax: 'maxconn <conns>',
    status: 'implemented',
    parse: (line, px) => {
      if (ignoredHere(line, px, PR_CAP_FE, 'maxconn', " Maybe you want 'fullconn' instead ?")) return;
      intKeyword(line, (n) => (px.maxconn = n));
    },
  },
  { words: 'mode', sections: SEC_PROXY, syntax: 'mode { tcp | http }', status: 'implemented', parse: parseMode },
  { words: 'retries', sections: SEC_BACK, syntax: 'retries <value>', status: 'implemented', parse: parseRetries },
  {
    words: 'server',
    sections: SEC_BACKEND | SEC_LISTEN,
    syntax: 'server <name> <address>[:[port]] [param*]',
    status: 'implemented',
    parse: parseServer,
  },
  {
    words: 'server-template',
    sections: SEC_BACKEND | SEC_LISTEN,
    syntax: 'server-template <prefix> <num | range> <fqdn>[:<port>] [params*]',
    status: 'implemented',
    parse: parseServerTemplate,
  },
  {
    words: 'source',
    sections: SEC_BACK,
    syntax: 'source <addr>[:<port>] [usesrc { <addr2>[:<port2>] | client | clientip }] [interface <name>]',
    status: 'implemented',
    parse: (line, px, scope) => {
      if (!ignoredHere(line, px, PR_CAP_BE)) proxySource(line, px, scope);
    },
  },
];

export const proxyKeywords: readonly ProxyKeyword[] = [
  ...proxyDone,
  ...balanceKeywords,
  ...logKeywords,
  ...timeoutKeywords,
  ...optionKeywords,
  ...httpLineKeywords,
  ...httpRuleKeywords,
  ...httpStatsKeywords,
  ...aclKeywords,
  ...tcpRuleKeywords,
  ...switchingKeywords,
  ...captureKeywords,
  ...proxyLater,
  ...proxyRemoved,
];
