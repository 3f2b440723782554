// Keywords of the sections beyond global and the proxies: what they are, for the documentation and for the reports. A section
// that sluice does not have yet is refused as a whole (`laterSections` in tables.ts).

export interface SectionKeyword {
  readonly section: string;
  /** The word, or two, that the line starts with; the section's own word for the line that opens it. */
  readonly words: string;
  readonly syntax: string;
  /** Not there yet, in a section that is. */
  readonly later: boolean;
}

/** As `later` has it. */
const LATER: readonly string[] = ['ring backing-file'];

/** First lines, then the others, as in the manual's chapters 3.4 to 3.10, 5.3.2, 6.2.1 and 10.1.1. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  cache: [
    'cache <name>',
    'max-age <seconds>',
    'max-object-size <bytes>',
    'max-secondary-entries <number>',
    'process-vary <on/off>',
    'total-max-size <megabytes>',
  ],
  'fcgi-app': [
    'fcgi-app <name>',
    'acl <aclname> <criterion> [flags] [operator] <value> ...',
    'docroot <path>',
    'index <script-name>',
    'log-stderr { global | <address> [len <length>] [format <format>] [sample <ranges>:<sample_size>] <facility> [<level> [<minlevel>]] }',
    'option get-values',
    'option keep-conn',
    'option max-reqs <reqs>',
    'option mpxs-conns',
    'pass-header <name> [ { if | unless } <condition> ]',
    'path-info <regex>',
    'set-param <name> <fmt> [ { if | unless } <condition> ]',
  ],
  'http-errors': ['http-errors <name>', 'errorfile <code> <file>'],
  'log-forward': [
    'log-forward <name>',
    'backlog <conns>',
    'bind <addr> [param*]',
    'dgram-bind <addr> [param*]',
    'log { global | <address> [len <length>] [format <format>] [sample <ranges>:<sample_size>] <facility> [<level> [<minlevel>]] }',
    'maxconn <conns>',
    'timeout client <timeout>',
  ],
  mailers: ['mailers <mailersect>', 'mailer <mailername> <ip>:<port>', 'timeout mail <time>'],
  namespace_list: ['namespace_list', 'namespace <name>'],
  peers: [
    'peers <peersect>',
    'bind [<address>]:<port_range> [, ...] [param*]',
    'default-bind [param*]',
    'default-server [param*]',
    'disabled',
    'enabled',
    'log <address> [len <length>] [format <format>] [sample <ranges>:<sample_size>] <facility> [<level> [<minlevel>]]',
    'peer <peername> <ip>:<port> [param*]',
    'server <peername> [<ip>:<port>] [param*]',
    'table <tablename> type {ip | integer | string [len <length>] | binary [len <length>]} size <size> [expire <expire>] [nopurge] [store <data_type>]*',
  ],
  program: [
    'program <name>',
    'command <command> [arguments*]',
    'group <group name>',
    'option start-on-reload',
    'user <user name>',
  ],
  resolvers: [
    'resolvers <resolvers id>',
    'accepted_payload_size <nb>',
    'hold <status> <period>',
    'nameserver <name> <address>[:port] [param*]',
    'parse-resolv-conf',
    'resolve_retries <nb>',
    'timeout { resolve | retry } <time>',
  ],
  ring: [
    'ring <ringname>',
    'backing-file <path>',
    'description <text>',
    'format <format>',
    'maxlen <length>',
    'server <name> <address> [param*]',
    'size <size>',
    'timeout connect <timeout>',
    'timeout server <timeout>',
  ],
  userlist: [
    'userlist <listname>',
    'group <groupname> [users <user>,<user>,(...)]',
    'user <username> [password|insecure-password <password>] [groups <group>,<group>,(...)]',
  ],
};

const TWO_WORDS = /^(?:option [\w-]+|timeout (?:client|connect|mail|server))/;

export const sectionKeywords: readonly SectionKeyword[] = Object.entries(SECTIONS).flatMap(([section, syntaxes]) =>
  syntaxes.map((syntax) => {
    const words = TWO_WORDS.exec(syntax)?.[0] ?? syntax.split(' ')[0]!;
    return { section, words, syntax, later: LATER.includes(`${section} ${words}`) };
  }),
);
