// Options of bind lines, and of `stats socket`, which takes the same ones (configuration manual 5.1).

import type { BindKeyword } from '../keyword.js';
import type { Line } from '../line.js';
import type { BindConf, ProtoName } from '../types.js';
import { clip } from '../reports.js';
import { readInt, readMode, readTime } from '../values.js';
import { bindLater } from './bind-later.js';

/** An integer argument by the reference's tolerant reading, with the lowest value that it accepts. */
function intOption(line: Line, at: number, min: number, store: (n: number) => void): string {
  const word = line.arg(at);
  if (line.arg(at + 1) === '') return `'${word}' : missing value`;
  const n = line.int(at + 1);
  // 0 gets through where it "must be > 0": the reference takes it.
  if (n < 0) return `'${word}' : invalid value ${n}, must be ${min === 0 ? '>= 0' : '> 0'}`;
  store(n);
  return '';
}

function muxProto(line: Line, at: number, store: (p: ProtoName) => void): string {
  const word = line.arg(at);
  const name = line.arg(at + 1);
  if (name === '') return `'${word}' : missing value`;
  if (name === 'none' || name === 'h1' || name === 'h2') {
    store(name);
    return '';
  }
  // Two blanks: so the reference prints it.
  return `'${word}' :  unknown MUX protocol '${clip(name)}'`;
}

export function tcpUserTimeout(line: Line, at: number, store: (ms: number) => void): string {
  if (line.arg(at + 1) === '') return `'tcp-ut' : missing TCP User Timeout value`;
  const t = readTime(line.arg(at + 1));
  if (!t.ok) {
    return t.why === 'overflow'
      ? `timer overflow in argument '${clip(line.arg(at + 1))}' to 'tcp-ut' (maximum value is 2147483647 ms or ~24.8 days)`
      : `'tcp-ut' : expects a positive delay in milliseconds`;
  }
  store(t.ms);
  return '';
}

function owner(
  line: Line,
  at: number,
  id: (name: string) => number,
  store: (id: number, name: string) => void,
): string {
  const kind = line.arg(at);
  const name = line.arg(at + 1);
  if (name === '') return `'${kind}' : missing ${kind} name`;
  const n = id(name);
  if (n < 0) return `'${kind}' : unknown ${kind} name '${clip(name)}'`;
  store(n, name);
  return '';
}

const CHOICE_OF: Readonly<Record<string, string>> = {
  level: 'level',
  'expose-fd': 'fd type',
  'severity-output': 'severity format',
};

function choice<T extends string>(
  line: Line,
  at: number,
  values: readonly T[],
  text: string,
  store: (v: T) => void,
): string {
  const got = line.arg(at + 1);
  if (got === '') return `'${line.arg(at)}' : missing ${CHOICE_OF[line.arg(at)] ?? 'value'}`;
  const value = values.find((v) => v === got);
  if (value === undefined) return `'${line.arg(at)}' only supports ${text} (got '${clip(got)}')`;
  store(value);
  return '';
}

const flag = (set: (b: BindConf) => void): NonNullable<BindKeyword['parse']> => {
  return (_line, _at, bind) => {
    set(bind);
    return '';
  };
};

const bindDone: readonly BindKeyword[] = [
  {
    words: 'accept-netscaler-cip',
    args: 1,
    syntax: 'accept-netscaler-cip <magic number>',
    status: 'implemented',
    parse: bindCip,
  },
  {
    words: 'accept-proxy',
    args: 0,
    syntax: 'accept-proxy',
    status: 'implemented',
    parse: flag((b) => (b.acceptProxy = true)),
  },
  {
    words: 'backlog',
    args: 1,
    syntax: 'backlog <backlog>',
    status: 'implemented',
    parse: (line, at, bind) => intOption(line, at, 1, (n) => (bind.backlog = n)),
  },
  {
    words: 'defer-accept',
    args: 0,
    syntax: 'defer-accept',
    status: 'implemented',
    parse: flag((b) => (b.deferAccept = true)),
  },
  {
    words: 'expose-fd',
    args: 1,
    syntax: 'expose-fd listeners',
    status: 'notice',
    parse: (line, at, bind) => choice(line, at, ['listeners'], "'listeners'", () => (bind.exposeFd = true)),
  },
  {
    words: 'gid',
    args: 1,
    syntax: 'gid <gid>',
    status: 'implemented',
    parse: (line, at, bind) => intOption(line, at, 0, (n) => (bind.gid = n)),
  },
  {
    words: 'group',
    args: 1,
    syntax: 'group <group>',
    status: 'implemented',
    parse: (line, at, bind, scope) =>
      owner(
        line,
        at,
        (n) => scope.host.groupId(n),
        (id, name) => {
          bind.gid = id;
          bind.group = name;
        },
      ),
  },
  { words: 'id', args: 1, syntax: 'id <id>', status: 'implemented', parse: bindId },
  {
    words: 'interface',
    args: 1,
    syntax: 'interface <interface>',
    status: 'implemented',
    parse: (line, at, bind) => {
      if (line.arg(at + 1) === '') return `'interface' : missing interface name`;
      bind.interface = line.arg(at + 1);
      return '';
    },
  },
  {
    words: 'level',
    args: 1,
    syntax: 'level { user | operator | admin }',
    status: 'implemented',
    parse: (line, at, bind) =>
      choice(line, at, ['user', 'operator', 'admin'], "'user', 'operator', and 'admin'", (v) => (bind.level = v)),
  },
  {
    words: 'maxconn',
    args: 1,
    syntax: 'maxconn <maxconn>',
    status: 'implemented',
    parse: (line, at, bind) => intOption(line, at, 0, (n) => (bind.maxconn = n)),
  },
  {
    words: 'mode',
    args: 1,
    syntax: 'mode <mode>',
    status: 'implemented',
    parse: (line, at, bind) => {
      const mode = readMode(line.arg(at + 1));
      if (mode < 0) return `'mode' : missing or invalid mode '${clip(line.arg(at + 1))}' (octal integer expected)`;
      bind.mode = mode;
      return '';
    },
  },
  { words: 'mss', args: 1, syntax: 'mss <maxseg>', status: 'implemented', parse: bindMss },
  {
    words: 'name',
    args: 1,
    syntax: 'name <name>',
    status: 'implemented',
    parse: (line, at, bind) => {
      if (line.arg(at + 1) === '') return `'name' : missing name`;
      bind.name = line.arg(at + 1);
      return '';
    },
  },
  { words: 'nice', args: 1, syntax: 'nice <nice>', status: 'implemented', parse: bindNice },
  {
    words: 'proto',
    args: 1,
    syntax: 'proto { none | h1 | h2 }',
    status: 'implemented',
    parse: (line, at, bind) => muxProto(line, at, (p) => (bind.proto = p)),
  },
  {
    words: 'severity-output',
    args: 1,
    syntax: 'severity-output { none | number | string }',
    status: 'implemented',
    parse: (line, at, bind) =>
      choice(
        line,
        at,
        ['none', 'number', 'string'],
        "'none', 'number', and 'string'",
        (v) => (bind.severityOutput = v),
      ),
  },
  {
    words: 'tcp-ut',
    args: 1,
    syntax: 'tcp-ut <delay>',
    status: 'implemented',
    parse: (line, at, bind) => tcpUserTimeout(line, at, (ms) => (bind.tcpUt = ms)),
  },
  { words: 'tfo', args: 0, syntax: 'tfo', status: 'implemented', parse: flag((b) => (b.tfo = true)) },
  {
    words: 'transparent',
    args: 0,
    syntax: 'transparent',
    status: 'implemented',
    parse: flag((b) => (b.transparent = true)),
  },
  {
    words: 'uid',
    args: 1,
    syntax: 'uid <uid>',
    status: 'implemented',
    parse: (line, at, bind) => intOption(line, at, 0, (n) => (bind.uid = n)),
  },
  {
    words: 'user',
    args: 1,
    syntax: 'user <user>',
    status: 'implemented',
    parse: (line, at, bind, scope) =>
      owner(
        line,
        at,
        (n) => scope.host.userId(n),
        (id, name) => {
          bind.uid = id;
          bind.user = name;
        },
      ),
  },
  {
    words: 'v4v6',
    args: 0,
    syntax: 'v4v6',
    status: 'implemented',
    parse: flag((b) => {
      b.v4v6 = true;
      b.v6only = false;
    }),
  },
  {
    words: 'v6only',
    args: 0,
    syntax: 'v6only',
    status: 'implemented',
    parse: flag((b) => {
      b.v6only = true;
      b.v4v6 = false;
    }),
  },
];

export const bindKeywords: readonly BindKeyword[] = [...bindDone, ...bindLater];

export const serverProto: typeof muxProto = muxProto;

function bindId(line: Line, at: number, bind: BindConf): string {
  const text = line.arg(at + 1);
  if (text === '') return `'id' : expects an integer argument`;
  const read = readInt(text);
  if (!read.clean) return `'id' : expects an integer argument, found '${clip(text)}'`;
  if (read.value <= 0) return `'id' : custom id has to be > 0`;
  bind.id = read.value;
  return '';
}

/** The magic number is read as the reference reads it: decimal, and cut to 32 bits. */
function bindCip(line: Line, at: number, bind: BindConf): string {
  const text = line.arg(at + 1);
  if (text === '') return `'accept-netscaler-cip' : missing value`;
  const magic = Number(BigInt.asUintN(32, BigInt(/^\s*[+-]?[0-9]+/.exec(text)?.[0] ?? 0)));
  if (magic === 0) return `'accept-netscaler-cip' : invalid value 0, must be >= 0`;
  bind.netscalerCip = magic;
  return '';
}

function bindMss(line: Line, at: number, bind: BindConf): string {
  if (line.arg(at + 1) === '') return `'mss' : missing MSS value`;
  const { value } = readInt(line.arg(at + 1));
  if (value === 0 || Math.abs(value) > 65535) {
    return `'mss' : expects an MSS with and absolute value between 1 and 65535`;
  }
  bind.mss = value;
  return '';
}

function bindNice(line: Line, at: number, bind: BindConf): string {
  if (line.arg(at + 1) === '') return `'nice' : missing value`;
  const n = line.int(at + 1);
  if (n < -1024 || n > 1024) return `'nice' : invalid value ${n}, allowed range is -1024..1024`;
  bind.nice = n;
  return '';
}
