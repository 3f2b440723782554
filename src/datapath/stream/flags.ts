// Flags of a stream. Declarations only.
import type { FlagTable } from '../../base/flags.js';

export const SF_ASSIGNED = 0x0001; // a server was chosen
export const SF_CURR_SESS = 0x0002; // counts among the server's sessions
export const SF_BE_ASSIGNED = 0x0004; // a backend was chosen
export const SF_REDISP = 0x0008; // the last attempt was a redispatch
export const SF_CONN_TRIED = 0x0010; // a connection was tried at least once
export const SF_MONITOR = 0x0020; // a monitoring or internal session: not logged
export const SF_FORWARDING = 0x0040; // both channels forward everything; only ends and errors come up here
export const SF_KILLED = 0x0080; // shut by the CLI or a close without drain

export const SF_END_KNOWN = 0x40000; // the client had ended when the connection was asked for
export const SF_LOGGED = 0x10000; // its line is sent
export const SF_LOG_REDISP = 0x20000; // another server than the first one was tried: `+` before the retries

/** `set-log-level silent`: this session has no line. */
export const LOG_LEVEL_SILENT = 9;

// Who ended the session, first letter of the termination code (manual 8.5). In bits 8-11 as a number.
export const SF_ERR_SHIFT = 8;
export const SF_ERR_MASK = 0xf00;
export const SF_ERR_NONE = 0x000; // '-'
export const SF_ERR_LOCAL = 0x100; // 'L' handled locally
export const SF_ERR_CLITO = 0x200; // 'c' client time-out
export const SF_ERR_CLICL = 0x300; // 'C' client aborted
export const SF_ERR_SRVTO = 0x400; // 's' server time-out
export const SF_ERR_SRVCL = 0x500; // 'S' server aborted or refused
export const SF_ERR_PRXCOND = 0x600; // 'P' the proxy decided
export const SF_ERR_RESOURCE = 0x700; // 'R' a resource was missing
export const SF_ERR_INTERNAL = 0x800; // 'I' internal error
export const SF_ERR_DOWN = 0x900; // 'D' killed because its server went down
export const SF_ERR_KILLED = 0xa00; // 'K' killed by an operator
export const SF_ERR_UP = 0xb00; // 'U' killed because a preferred server came back
export const SF_ERR_LETTERS = '-LcCsSPRIDKU';

// When, second letter. In bits 12-15 as a number.
export const SF_FINST_SHIFT = 12;
export const SF_FINST_MASK = 0xf000;
export const SF_FINST_NONE = 0x0000; // '-'
export const SF_FINST_R = 0x1000; // request
export const SF_FINST_C = 0x2000; // connect
export const SF_FINST_H = 0x3000; // headers
export const SF_FINST_D = 0x4000; // data
export const SF_FINST_L = 0x5000; // last data to the client
export const SF_FINST_Q = 0x6000; // queue
export const SF_FINST_T = 0x7000; // tarpit
export const SF_FINST_LETTERS = '-RCHDLQT';

export const SF_TABLE: FlagTable = {
  prefix: 'SF_',
  bits: {
    ASSIGNED: SF_ASSIGNED,
    CURR_SESS: SF_CURR_SESS,
    BE_ASSIGNED: SF_BE_ASSIGNED,
    REDISP: SF_REDISP,
    CONN_TRIED: SF_CONN_TRIED,
    MONITOR: SF_MONITOR,
    FORWARDING: SF_FORWARDING,
    KILLED: SF_KILLED,
    END_KNOWN: SF_END_KNOWN,
    LOGGED: SF_LOGGED,
    LOG_REDISP: SF_LOG_REDISP,
  },
};

/** `--`, `CD`, `sC` …: who ended the session, and when. */
export function terminationCode(flags: number): string {
  const who = SF_ERR_LETTERS.charAt((flags & SF_ERR_MASK) >> SF_ERR_SHIFT);
  return who + SF_FINST_LETTERS.charAt((flags & SF_FINST_MASK) >> SF_FINST_SHIFT);
}
