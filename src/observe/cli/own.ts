// Commands that concern the CLI connection itself (management manual 9.3): its level, its output, its modes, its time-out.
import { byApplet } from './applet.js';
import { helpText, visible } from './lookup.js';
import { cliErr, cliInfo, DONE } from './message.js';
import type { CliAnswer, CliCall, CliCommand, SeverityOutput } from './types.js';

const SEVERITIES: readonly string[] = ['none', 'number', 'string'];

/** `set timeout cli TIME`: seconds where no unit is given. */
const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60000, h: 3600000, d: 86400000 };
const TIMEOUT_MAX_MS = 0x7fffffff;

function setTimeoutCli(call: CliCall): CliAnswer {
  if (call.words[2] !== 'cli') return cliErr(`'set timeout' only supports 'cli'.\n`);
  const text = call.words[3];
  if (text === undefined) return cliErr('Expects an integer value.\n');
  const m = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text);
  const ms = m === null ? 0 : Math.floor(Number(m[1]) * UNITS[m[2] ?? 's']!);
  if (ms <= 0 || ms > TIMEOUT_MAX_MS) return cliErr('Invalid timeout value.\n');
  const { req, res } = call.session.stream;
  req.rto = ms;
  res.wto = ms;
  return DONE;
}

function setSeverity(call: CliCall): CliAnswer {
  const word = call.words[2];
  if (word === undefined || !SEVERITIES.includes(word))
    return cliErr(`one of 'none', 'number', 'string' is a required argument\n`);
  call.session.severity = word as SeverityOutput;
  return DONE;
}

function lower(call: CliCall, to: 'user' | 'operator'): CliAnswer {
  call.session.level = to;
  call.session.experimental = false;
  call.session.expert = false;
  return DONE;
}

/** `expert-mode [on|off]`: off for every other word; without a word it says which it is. */
function mode(call: CliCall, which: 'experimental' | 'expert'): CliAnswer {
  const word = call.words[1];
  if (word === undefined) return cliInfo(`${which}-mode is ${call.session[which] ? 'ON' : 'OFF'}\n`);
  call.session[which] = word === 'on';
  return DONE;
}

function socketLevel(call: CliCall): CliAnswer {
  return cliInfo(`${call.session.level}\n`);
}

/** In the table of `help` where their names belong. */
export const ownCommands: readonly CliCommand[] = [
  {
    name: 'operator',
    usage: 'operator',
    help: 'lower the level of the current CLI session to operator',
    level: 'operator',
    run: (call) => lower(call, 'operator'),
  },
  {
    name: 'set severity-output',
    usage: 'set severity-output [none|number|string]',
    help: 'set presence of severity level in feedback information',
    level: 'user',
    run: setSeverity,
  },
  {
    name: 'set timeout',
    usage: 'set timeout [cli] <delay>',
    help: 'change a timeout setting',
    level: 'user',
    run: setTimeoutCli,
  },
  {
    name: 'show cli level',
    usage: 'show cli level',
    help: 'display the level of the current CLI session',
    level: 'user',
    run: socketLevel,
  },
  {
    name: 'user',
    usage: 'user',
    help: 'lower the level of the current CLI session to user',
    level: 'user',
    run: (call) => lower(call, 'user'),
  },
];

/** The reference keeps these two out of `help`. */
export const modeCommands: readonly CliCommand[] = [
  {
    name: 'experimental-mode',
    usage: 'experimental-mode [on|off]',
    help: 'commands that may change or go away',
    level: 'admin',
    hidden: true,
    run: (call) => mode(call, 'experimental'),
  },
  {
    name: 'expert-mode',
    usage: 'expert-mode [on|off]',
    help: 'commands that may do harm',
    level: 'admin',
    hidden: true,
    run: (call) => mode(call, 'expert'),
  },
];

/** Last in every list. `all`: every command there is. */
export function closingCommands(all: () => readonly CliCommand[]): readonly CliCommand[] {
  return [
    {
      name: 'help',
      usage: 'help [<command>]',
      help: 'list matching or all commands',
      level: 'user',
      run: (call) => cliInfo(helpText(visible(all(), call.session), call.words.slice(1))),
    },
    {
      name: 'prompt',
      usage: 'prompt',
      help: 'toggle interactive mode with prompt',
      level: 'user',
      run: (call) => {
        call.session.prompt = !call.session.prompt;
        return DONE;
      },
    },
    { name: 'quit', usage: 'quit', help: 'disconnect', level: 'user', run: byApplet },
  ];
}
