// `sluice tcp LISTEN SERVER…`: a proxy without a configuration file. What it does is written as a configuration and run as
// one, so that there is one way through the engine.
import { unlinkSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BIND_RULES } from '../../config/keywords/bind.js';
import { type AddressRules, parseAddress } from '../../config/address.js';
import type { ConfigResult } from '../../config/parser.js';
import { AF_UNIX } from '../../sys/constants.js';
import { addressText } from '../../datapath/proto/address.js';
import { compile } from '../compile.js';
import { Engine, EngineStartError } from '../engine.js';
import type { SessionReport } from '../instance.js';
import type { ProcessLogLevel } from '../../extend/types.js';
import { openProcessLog, PROCESS_LOG_LEVELS } from '../log.js';
import type { TransportWish } from '../transport-wish.js';
import { byteText } from './text.js';

export const TCP_HELP = `sluice tcp [options] LISTEN SERVER…

Forwards TCP connections from LISTEN to the servers, in turn. Data stays in the kernel where the system can splice.

  LISTEN   8080 (all IPv4 addresses), 127.0.0.1:8080, [::1]:8080, unix@/path
  SERVER   host:port, port (on this machine), [::1]:port, unix@/path

  --transport epoll|uring|js   instead of the default
  --no-splice                  copies through user space
  --verbose, -v                a line for each session that ended
  --log-level LEVEL            messages on stderr, JSON: silent, error, warn (the default), info
  --print-config               shows the configuration that it runs, and ends

A server that refuses is tried again, then the next one. Connecting may take 5 s; there is no other time-out: TCP
keep-alive finds peers that are gone.

  sluice tcp 8080 localhost:9090
  sluice tcp 127.0.0.1:5432 db1:5432 db2:5432
`;

const SERVER_RULES: AddressRules = {
  port: 'required',
  range: false,
  offset: false,
  fd: false,
  type: 'stream',
  preferred: 'stream',
};

interface TcpArgs {
  readonly listen: string;
  readonly servers: readonly string[];
  readonly transport: TransportWish;
  readonly splice: boolean;
  readonly verbose: boolean;
  readonly logLevel: ProcessLogLevel;
  readonly print: boolean;
}

/** What the user can mend: shown without a stack. */
class TcpError extends Error {
  override readonly name = 'TcpError';
}

/** Runs the command. Resolves to an exit status, or to null while it serves. */
export async function tcpCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  try {
    const wish = readArgs(args);
    if (wish === null) {
      process.stdout.write(TCP_HELP);
      return 0;
    }
    const text = tcpConfig(wish.listen, wish.servers, wish.splice);
    if (wish.print) {
      process.stdout.write(text);
      return 0;
    }
    return await serve(wish, text, env);
  } catch (error) {
    if (error instanceof TcpError || (error instanceof Error && 'code' in error)) {
      process.stderr.write(`sluice tcp: ${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

/** Null: --help. Throws TcpError. */
function readArgs(args: readonly string[]): TcpArgs | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      transport: { type: 'string', default: '' },
      'no-splice': { type: 'boolean', default: false },
      verbose: { type: 'boolean', short: 'v', default: false },
      'log-level': { type: 'string', default: 'warn' },
      'print-config': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const transport = TRANSPORTS.find((name) => name === values.transport);
  if (transport === undefined) {
    throw new TcpError(`--transport is one of ${TRANSPORTS.slice(1).join(', ')}, not '${values.transport}'`);
  }
  const logLevel = PROCESS_LOG_LEVELS.find((name) => name === values['log-level']);
  if (logLevel === undefined)
    throw new TcpError(`--log-level is one of ${PROCESS_LOG_LEVELS.join(', ')}, not '${values['log-level']}'`);
  const [listen, ...servers] = positionals;
  if (listen === undefined || servers.length === 0) {
    throw new TcpError(`where to listen and which server? For example: sluice tcp 8080 localhost:9090`);
  }
  return {
    listen: listenAddress(listen),
    servers: servers.map(serverAddress),
    transport,
    splice: !values['no-splice'],
    verbose: values.verbose,
    logLevel,
    print: values['print-config'],
  };
}

const TRANSPORTS: readonly TransportWish[] = ['', 'epoll', 'kqueue', 'uring', 'js'];

/** LISTEN as a bind line has it. Throws TcpError. */
export function listenAddress(text: string): string {
  return checked(/^\d+$/.test(text) ? `:${text}` : text, text, 'listen on', BIND_RULES);
}

/** SERVER as a server line has it. Throws TcpError. */
export function serverAddress(text: string): string {
  return checked(/^\d+$/.test(text) ? `127.0.0.1:${text}` : text, text, 'server', SERVER_RULES);
}

function checked(address: string, shown: string, what: string, rules: AddressRules): string {
  if (!/^[\x21\x23-\x26\x28-\x5b\x5d-\x7e]+$/.test(address)) {
    throw new TcpError(`${what} '${shown}': an address has no blanks, quotes or control characters`);
  }
  const r = parseAddress(address, rules);
  if (!r.ok && r.code === 'port') {
    const like = rules === BIND_RULES ? '8080 or 127.0.0.1:8080' : 'localhost:9090';
    throw new TcpError(`${what} '${shown}': a port is a number from 1 to 65535, as in ${like}`);
  }
  if (!r.ok) throw new TcpError(`${what} '${shown}': ${r.message}`);
  if (r.parsed.ignored !== '') throw new TcpError(`${what} '${shown}': '${r.parsed.ignored}' after the port`);
  return address;
}

/** The configuration that is run. Addresses are checked: nothing in them can end a word. */
export function tcpConfig(listen: string, servers: readonly string[], splice: boolean): string {
  const lines = [
    'global',
    '    noreuseport   # a port that somebody has is an error, not a share',
    '',
    'listen tcp',
    '    mode tcp',
    `    bind '${listen}'`,
    '    balance roundrobin',
    '    timeout connect 5s',
    '    retries 3',
    '    option redispatch 1',
    '    option tcpka',
  ];
  if (splice) lines.push('    .if feature(LINUX_SPLICE)', '    option splice-auto', '    .endif');
  servers.forEach((address, i) => lines.push(`    server s${i + 1} '${address}'`));
  return `${lines.join('\n')}\n`;
}

async function serve(wish: TcpArgs, text: string, env: NodeJS.ProcessEnv): Promise<null> {
  const parsed = await compile([{ name: 'tcp', text }], { env, transport: wish.transport });
  if (parsed.errors > 0) throw new TcpError(firstError(parsed));
  const log = await openProcessLog(wish.logLevel, 'sluice tcp');
  const engine = startEngine(parsed, wish, env, (err) => {
    log.error('a session was ended by an internal error', { err });
  });
  const { instance, thr } = engine;
  if (engine.notice !== '') log.warn(engine.notice);
  if (wish.verbose) {
    instance.onSession = (s) => {
      process.stdout.write(`${sessionLine(s)}\n`);
    };
  }
  endOnSignals(engine);
  const where = instance.listeners.map((l) => addressText(l.address)).join(', ');
  const to = wish.servers.join(', ');
  const how = instance.splice && wish.splice ? ' with splicing' : '';
  process.stdout.write(`sluice: ${where} -> ${to} (transport ${thr.sys.name}${how}; Ctrl-C ends)\n`);
  return null;
}

function startEngine(
  parsed: ConfigResult,
  wish: TcpArgs,
  env: NodeJS.ProcessEnv,
  onCrash: (error: unknown) => void,
): Engine {
  try {
    return Engine.start(parsed.config, { transport: wish.transport, env, onCrash });
  } catch (error) {
    if (!(error instanceof EngineStartError)) throw error;
    throw new TcpError(error.errors.map((e) => `cannot listen on ${e.address}: ${reasonOf(e.message)}`).join('; '));
  }
}

/** `cannot bind socket (Address already in use)`: what stands in the parentheses. */
function reasonOf(message: string): string {
  return /\((.*)\)$/.exec(message)?.[1] ?? message;
}

/** The first error in words for somebody who wrote no configuration. */
function firstError(parsed: ConfigResult): string {
  const first = parsed.reports.find((r) => r.fatal);
  if (first === undefined) return 'the addresses cannot be used';
  const name = /could not resolve address '([^']*)'|invalid address: '([^']*)'/.exec(first.message);
  const host = name?.[1] ?? name?.[2];
  return host === undefined ? first.message : `unknown host '${host}'`;
}

/** `127.0.0.1:4711 -> s1  1.5 KiB up, 2.0 MiB down, 123 ms, --` */
function sessionLine(s: SessionReport): string {
  const client = s.client === null ? '-' : addressText(s.client);
  const server = s.server === '' ? '-' : s.server;
  const bytes = `${byteText(s.bytesIn)} up, ${byteText(s.bytesOut)} down`;
  return `${client} -> ${server}  ${bytes}, ${s.durationMs} ms, ${s.termination}`;
}

/** Ctrl-C and SIGTERM end every session, remove the UNIX sockets that were made, and the program. */
function endOnSignals(engine: Engine): void {
  const end = (): void => {
    void engine.close().then(() => {
      for (const l of engine.instance.listeners) {
        if (l.address.family === AF_UNIX && !l.address.abstract) removeQuietly(l.address.host);
      }
      process.exit(0);
    });
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // somebody else removed it
  }
}
