// `source`: the address that connections to servers come from, on a proxy's line and as a server option.

import { type AddressRules, parseAddress } from '../address.js';
import type { Line } from '../line.js';
import type { Scope } from '../scope.js';
import type { ProxyConf, ServerConf, SourceConf } from '../types.js';
import { noteLimited } from '../limits.js';

const SOURCE_RULES: AddressRules = {
  port: 'optional',
  range: true,
  offset: false,
  fd: false,
  type: 'stream',
  preferred: 'stream',
};

/** Words of `source` on a server line behind the keyword: the address, then pairs of usesrc and interface. */
export function serverSourceCount(line: Line, at: number): number {
  let n = 1;
  while (isSourceOption(line.arg(at + 1 + n))) n += 2;
  return n;
}

function isSourceOption(word: string): boolean {
  return word === 'usesrc' || word === 'interface';
}

/** Reads from the address at word `at`; answers the source, or the text of the mistake and the word it is about. */
function readSource(
  line: Line,
  at: number,
  end: number,
  range: boolean,
  scope: Scope,
  where: 'server' | 'proxy',
): { source: SourceConf } | { at: number; message: string } {
  const text = line.arg(at);
  const own = parseAddress(text, { ...SOURCE_RULES, range, env: scope.envOf });
  if (!own.ok) return { at, message: `'source ${text}' : ${own.message}` };
  const source: SourceConf = {
    address: own.parsed.address,
    portLow: own.parsed.portLow,
    portHigh: own.parsed.portHigh,
    usesrc: '',
    usesrcAddress: null,
    interface: '',
    position: line.pos(at),
  };
  for (let i = at + 1; i < end; i += 2) {
    const value = line.arg(i + 1);
    noteLimited(line, i, line.arg(i), where, scope);
    if (line.arg(i) === 'interface') {
      if (value === '') return { at: i, message: `'${line.arg(0)}' : missing interface name` };
      source.interface = value;
    } else if (value === '') {
      const list = where === 'server' ? "'client', 'clientip', or 'hdr_ip(name,#)'" : "'client', or 'clientip'";
      return { at: i, message: `'usesrc' expects <addr>[:<port>], ${list} as argument` };
    } else if (value === 'client' || value === 'clientip') {
      source.usesrc = value;
    } else if (value.startsWith('hdr_ip(')) {
      return { at: i + 1, message: `'usesrc hdr_ip' is known to HAProxy, but not in sluice yet` };
    } else {
      const other = parseAddress(value, { ...SOURCE_RULES, range: false, env: scope.envOf });
      if (!other.ok) return { at: i + 1, message: `'usesrc ${value}' : ${other.message}` };
      source.usesrc = 'address';
      source.usesrcAddress = other.parsed.address;
    }
  }
  return { source };
}

export function serverSource(line: Line, at: number, server: ServerConf, scope: Scope): string {
  if (line.arg(at + 1) === '') {
    return `'source' expects <addr>[:<port>[-<port>]], and optionally 'usesrc' <addr>, and 'interface' <name> as argument.`;
  }
  const read = readSource(line, at + 1, at + 1 + serverSourceCount(line, at), true, scope, 'server');
  if ('message' in read) return read.message;
  server.source = read.source;
  return '';
}

export function proxySource(line: Line, px: ProxyConf, scope: Scope): void {
  if (line.arg(1) === '') {
    const text = `'source' expects <addr>[:<port>], and optionally 'usesrc' <addr>, and 'interface' <name>.`;
    line.alert(1, 'missing-argument', text);
    return;
  }
  for (let i = 2; i < line.count; i += 2) {
    if (isSourceOption(line.arg(i))) continue;
    line.alert(i, 'bad-argument', `'source' only supports optional keywords 'interface' and 'usesrc'.`);
    return;
  }
  const read = readSource(line, 1, line.count, false, scope, 'proxy');
  if ('message' in read) {
    line.alert(read.at, 'bad-argument', `${read.message}.`.replace(/'\.$/, "'"));
    return;
  }
  px.source = read.source;
}
