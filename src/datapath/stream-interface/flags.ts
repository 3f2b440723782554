// States and flags of a stream-interface. Declarations only.
import type { FlagTable } from '../../base/flags.js';

export const SI_ST_INI = 0; // nothing was asked for yet
export const SI_ST_REQ = 1; // a connection is wanted
export const SI_ST_QUE = 2; // waits in the queue of a server or backend
export const SI_ST_TAR = 3; // turn-around: waits before it tries again
export const SI_ST_ASS = 4; // a server was chosen
export const SI_ST_CON = 5; // connecting
export const SI_ST_CER = 6; // the connection failed; retry, redispatch or give up
export const SI_ST_RDY = 7; // connected, the stream has not noted it yet
export const SI_ST_EST = 8; // data may flow
export const SI_ST_DIS = 9; // both sides are shut, the endpoint is still there
export const SI_ST_CLO = 10; // nothing left

export const SI_ST_NAMES: readonly string[] = [
  'INI',
  'REQ',
  'QUE',
  'TAR',
  'ASS',
  'CON',
  'CER',
  'RDY',
  'EST',
  'DIS',
  'CLO',
];

const to = (...states: number[]): number => states.reduce((mask, s) => mask | (1 << s), 0);

/** Lawful moves: bit N of SI_MOVES[s] allows s → N. */
export const SI_MOVES: readonly number[] = [
  to(SI_ST_REQ, SI_ST_EST, SI_ST_CLO), // INI: front sides and applets are established at once
  to(SI_ST_QUE, SI_ST_ASS, SI_ST_CER, SI_ST_DIS, SI_ST_CLO, SI_ST_EST), // REQ
  to(SI_ST_REQ, SI_ST_ASS, SI_ST_DIS, SI_ST_CLO), // QUE
  to(SI_ST_REQ, SI_ST_ASS, SI_ST_DIS, SI_ST_CLO), // TAR
  to(SI_ST_CON, SI_ST_CER, SI_ST_RDY, SI_ST_REQ, SI_ST_DIS, SI_ST_CLO), // ASS
  to(SI_ST_RDY, SI_ST_CER, SI_ST_DIS, SI_ST_CLO), // CON
  to(SI_ST_TAR, SI_ST_REQ, SI_ST_ASS, SI_ST_DIS, SI_ST_CLO), // CER
  to(SI_ST_EST, SI_ST_CER, SI_ST_DIS, SI_ST_CLO), // RDY
  to(SI_ST_DIS, SI_ST_CLO), // EST
  to(SI_ST_CLO), // DIS
  to(), // CLO
];

export const SI_FL_EXP = 0x0001; // `exp` has passed
export const SI_FL_ERR = 0x0002; // a non-recoverable error on the endpoint
export const SI_FL_ISBACK = 0x0004; // the server's side
export const SI_FL_NOLINGER = 0x0008; // close with RST
export const SI_FL_NOHALF = 0x0010; // no half-open state: the end of input closes all
export const SI_FL_INDEP_STR = 0x0020; // option independent-streams: writes do not refresh the read time-out
export const SI_FL_RXBLK_CHAN = 0x0100; // the channel does not want data
export const SI_FL_RXBLK_BUFF = 0x0200; // no buffer to be had
export const SI_FL_RXBLK_ROOM = 0x0400; // no room in the channel
export const SI_FL_RXBLK_SHUT = 0x0800; // reads are shut
export const SI_FL_WAIT_DATA = 0x1000; // the endpoint waits for output to come
export const SI_FL_READ_NULL = 0x2000; // the last read was seen; stays (C21)

export const SI_FL_RXBLK_ANY = SI_FL_RXBLK_CHAN | SI_FL_RXBLK_BUFF | SI_FL_RXBLK_ROOM | SI_FL_RXBLK_SHUT; // mask

export const SI_TABLE: FlagTable = {
  prefix: 'SI_FL_',
  bits: {
    EXP: SI_FL_EXP,
    ERR: SI_FL_ERR,
    ISBACK: SI_FL_ISBACK,
    NOLINGER: SI_FL_NOLINGER,
    NOHALF: SI_FL_NOHALF,
    INDEP_STR: SI_FL_INDEP_STR,
    RXBLK_CHAN: SI_FL_RXBLK_CHAN,
    RXBLK_BUFF: SI_FL_RXBLK_BUFF,
    RXBLK_ROOM: SI_FL_RXBLK_ROOM,
    RXBLK_SHUT: SI_FL_RXBLK_SHUT,
    WAIT_DATA: SI_FL_WAIT_DATA,
    READ_NULL: SI_FL_READ_NULL,
  },
};

// What went wrong with a connection attempt (`si.errType`).
export const SI_ET_NONE = 0;
export const SI_ET_QUEUE_TO = 1; // time-out in the queue
export const SI_ET_QUEUE_ERR = 2; // queue full
export const SI_ET_QUEUE_ABRT = 3; // aborted in the queue by the client
export const SI_ET_CONN_TO = 4; // connect time-out
export const SI_ET_CONN_ERR = 5; // connect error
export const SI_ET_CONN_ABRT = 6; // connect aborted by the client
export const SI_ET_CONN_RES = 7; // a resource was missing
export const SI_ET_CONN_OTHER = 8; // other
export const SI_ET_DATA_TO = 9; // time-out during the data phase
export const SI_ET_DATA_ERR = 10; // error during the data phase
export const SI_ET_DATA_ABRT = 11; // aborted during the data phase
