// The command line: HAProxy's where the first argument is a dash (management manual, section 3), else a subcommand.
// Read into plain data; nothing is done here.

export interface HaproxyArgs {
  readonly kind: 'haproxy';
  /** -f and --, in order. */
  readonly files: readonly string[];
  /** -c */
  readonly check: boolean;
  /** -cc: the condition; null without it. */
  readonly condition: string | null;
  /** -v: 1, -vv: 2; 0 neither. */
  readonly version: 0 | 1 | 2;
  /** -d */
  readonly debug: boolean;
  /** -db */
  readonly foreground: boolean;
  /** -q */
  readonly quiet: boolean;
  /** -V */
  readonly verbose: boolean;
  /** -dW */
  readonly zeroWarning: boolean;
  /** -dD */
  readonly diag: boolean;
  /** -de, -dp, -dk, -dS, -dG, -dR, -dr, -dV */
  readonly noEpoll: boolean;
  readonly noPoll: boolean;
  readonly noKqueue: boolean;
  readonly noSplice: boolean;
  readonly noGetaddrinfo: boolean;
  readonly noReuseport: boolean;
  readonly ignoreResolveErrors: boolean;
  readonly noServerVerify: boolean;
  /** -p, '' for none. */
  readonly pidfile: string;
  /** -n, 0 for none. */
  readonly maxconn: number;
  /** -N, 0 for none. */
  readonly proxyMaxconn: number;
  /** -m, MiB, 0 for none; never without `check`. */
  readonly memoryMax: number;
  /** -L, '' for none. */
  readonly localpeer: string;
  /** -C, '' for none. */
  readonly directory: string;
}

export interface CommandArgs {
  readonly kind: 'command';
  /** 'help' for --help and -h alone. */
  readonly name: string;
  readonly args: readonly string[];
}

/** Nothing can be done: `message` (may be '') and then, where `usage` says so, the usage; exit status 1. */
export interface BadArgs {
  readonly kind: 'bad';
  readonly message: string;
  readonly usage: boolean;
}

/** `-dMhelp` and the like: text to print, exit status 0. */
export interface TextArgs {
  readonly kind: 'text';
  readonly text: string;
}

export type Args = HaproxyArgs | CommandArgs | BadArgs | TextArgs;

export const USAGE = `Usage : sluice [-f <cfgfile|cfgdir>]* [ -vdV ] [ -n <maxconn> ] [ -N <maxpconn> ]
        [ -p <pidfile> ] [ -m <max megs> ] [ -C <dir> ] [-- <cfgfile>*]
        -v displays version ; -vv shows known build options.
        -d enters debug mode ; -db only disables background mode.
        -V enters verbose mode (disables quiet mode)
        -C changes to <dir> before loading files.
        -q quiet mode : don't display messages
        -c check mode : only check config files and exit
        -cc check condition : evaluate a condition and exit
        -n sets the maximum total # of connections (uses ulimit -n)
        -m limits the usable amount of memory (in MB; refused, but with -c)
        -N sets the default, per-proxy maximum # of connections (0)
        -L set local peer name (default to hostname)
        -p writes pids of all children to this file
        -de disables epoll() usage even when available
        -dp disables poll() usage even when available
        -dS disables splice usage (broken on old kernels)
        -dG disables getaddrinfo() usage
        -dR disables SO_REUSEPORT usage
        -dr ignores server address resolution failures
        -dV disables SSL verify on servers side
        -dW fails if any warning is emitted
        -dD diagnostic mode : warn about suspicious configuration statements
        -dM[<byte>,...] debug memory (accepted, of no effect)

Without a dash : sluice <command>, see sluice --help.
`;

/** Known to HAProxy, not in sluice yet: refused by name. */
const LATER: Readonly<Record<string, string>> = {
  '-D': 'daemon mode',
  '-W': 'master-worker mode',
  '-Ws': 'master-worker mode for systemd',
  '-S': 'the master CLI',
  '-sf': 'finishing old processes',
  '-st': 'terminating old processes',
  '-x': 'taking listening sockets over',
};

/** What was read so far; becomes a HaproxyArgs. */
type Draft = {
  -readonly [K in keyof HaproxyArgs]: HaproxyArgs[K] extends readonly string[] ? string[] : HaproxyArgs[K];
};

function draft(): Draft {
  return {
    kind: 'haproxy',
    files: [],
    check: false,
    condition: null,
    version: 0,
    debug: false,
    foreground: false,
    quiet: false,
    verbose: false,
    zeroWarning: false,
    diag: false,
    noEpoll: false,
    noPoll: false,
    noKqueue: false,
    noSplice: false,
    noGetaddrinfo: false,
    noReuseport: false,
    ignoreResolveErrors: false,
    noServerVerify: false,
    pidfile: '',
    maxconn: 0,
    proxyMaxconn: 0,
    memoryMax: 0,
    localpeer: '',
    directory: '',
  };
}

/** `argv`: what follows the program. */
export function parseArgs(argv: readonly string[]): Args {
  const first = argv[0];
  if (first === undefined) return { kind: 'bad', message: '', usage: true };
  if (first === '--help' || (first === '-h' && argv.length === 1))
    return { kind: 'command', name: 'help', args: argv.slice(1) };
  if (!first.startsWith('-')) return { kind: 'command', name: first, args: argv.slice(1) };
  return scan(argv);
}

function scan(argv: readonly string[]): Args {
  const d = draft();
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') {
      d.files.push(...argv.slice(i + 1));
      break;
    }
    const later = LATER[arg];
    if (later !== undefined)
      return { kind: 'bad', message: `'${arg}' (${later}) is known to HAProxy, but not in sluice yet`, usage: false };
    if (arg === '-v' || arg.startsWith('-v')) {
      // The reference looks no further.
      d.version = arg.startsWith('-vv') ? 2 : 1;
      return d;
    }
    if (arg.startsWith('-d')) {
      const text = debugOption(d, arg.slice(2));
      if (text !== null) return { kind: 'text', text };
      continue;
    }
    if (plainOption(d, arg)) continue;
    const set = VALUES[arg];
    if (set === undefined) return { kind: 'bad', message: '', usage: true };
    const value = argv[++i];
    if (value === undefined) {
      return arg === '-cc'
        ? { kind: 'bad', message: '', usage: true }
        : { kind: 'bad', message: `option '${arg}' expects a value`, usage: false };
    }
    set(d, value);
  }
  // A limit that nobody keeps is refused; for a check of the files it would mean nothing anyway.
  if (d.memoryMax !== 0 && !d.check)
    return {
      kind: 'bad',
      message: `'-m' (a limit of memory) is known to HAProxy, but not in sluice yet`,
      usage: false,
    };
  return d;
}

function plainOption(d: Draft, arg: string): boolean {
  if (arg === '-c') d.check = true;
  else if (arg === '-q') d.quiet = true;
  else if (arg === '-V') d.verbose = true;
  else return false;
  return true;
}

function int(text: string): number {
  const n = /^\s*\d+/.exec(text);
  return n === null ? 0 : Math.min(Number(n[0]), 0x7fffffff);
}

const VALUES: Readonly<Record<string, (d: Draft, value: string) => void>> = {
  '-f': (d, v) => d.files.push(v),
  '-cc': (d, v) => (d.condition = v),
  '-p': (d, v) => (d.pidfile = v),
  '-n': (d, v) => (d.maxconn = int(v)),
  '-N': (d, v) => (d.proxyMaxconn = int(v)),
  '-m': (d, v) => (d.memoryMax = int(v)),
  '-L': (d, v) => (d.localpeer = v),
  '-C': (d, v) => (d.directory = v),
};

const MEMORY_HELP = `-dM and its options are accepted and of no effect: memory is the engine's own business here.\n`;

/** What follows `-d`. Unknown letters are no error, as with the reference. Text to print instead of running, or null. */
function debugOption(d: Draft, rest: string): string | null {
  switch (rest) {
    case '':
      d.debug = true;
      return null;
    case 'b':
      d.foreground = true;
      return null;
    case 'W':
      d.zeroWarning = true;
      return null;
    case 'D':
      d.diag = true;
      return null;
    case 'e':
      d.noEpoll = true;
      return null;
    case 'p':
      d.noPoll = true;
      return null;
    case 'k':
      d.noKqueue = true;
      return null;
    case 'S':
      d.noSplice = true;
      return null;
    case 'G':
      d.noGetaddrinfo = true;
      return null;
    case 'R':
      d.noReuseport = true;
      return null;
    case 'r':
      d.ignoreResolveErrors = true;
      return null;
    case 'V':
      d.noServerVerify = true;
      return null;
    case 'Mhelp':
      return MEMORY_HELP;
    default:
      return null;
  }
}
