// `sluice --help`: what the program does, each face of it with examples.

export interface CommandHelp {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
}

export const COMMANDS: readonly CommandHelp[] = [
  {
    name: 'tcp',
    summary: 'forward a TCP port to one or more servers, in turn',
    examples: ['sluice tcp 8080 localhost:9090', 'sluice tcp 127.0.0.1:5432 db1:5432 db2:5432'],
  },
  {
    name: 'check',
    summary: 'read configuration files and explain every mistake',
    examples: ['sluice check haproxy.cfg', 'sluice check --format json conf.d/'],
  },
  {
    name: 'doc',
    summary: 'what a word of the configuration is: syntax, sections, arguments, status',
    examples: ['sluice doc timeout client', "sluice doc --list 'server lines'"],
  },
  {
    name: 'doctor',
    summary: 'what this system gives: kernel, addon, transports, limits',
    examples: ['sluice doctor', 'sluice doctor > report.txt'],
  },
  {
    name: 'demo',
    summary: 'a proxy with origins of its own, one visible proof, then yours to try until Ctrl-C',
    examples: ['sluice demo', 'SLUICE_TRANSPORT=uring sluice demo'],
  },
  {
    name: 'help',
    summary: 'this text',
    examples: ['sluice --help', 'sluice tcp --help'],
  },
];

const FIRST = `sluice: a TCP proxy and load balancer for Node.js with HAProxy's architecture and configuration language

  sluice -f haproxy.cfg          run a configuration; HAProxy's command line (sluice alone shows it)
  sluice -c -f haproxy.cfg       check it, HAProxy's way
`;

export function helpText(): string {
  const commands = COMMANDS.map((c) => {
    const examples = c.examples.map((e) => `      ${e}`).join('\n');
    return `  sluice ${c.name}\n    ${c.summary}\n${examples}\n`;
  });
  return `${FIRST}\n${commands.join('\n')}`;
}
