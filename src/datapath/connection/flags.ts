// Connection flags, errors, subscription events. Declarations only.
import type { FlagTable } from '../../base/flags.js';

// What the layers of the stack are there.
export const CO_FL_CTRL_READY = 0x00000100; // the ctrl layer is initialized: there is a descriptor
export const CO_FL_XPRT_READY = 0x00000200; // the xprt's init() went through
export const CO_FL_WANT_DRAIN = 0x00000400; // received bytes must be drained before closing

// Set while a connection is being made; all clear once data may flow. Readiness is derived from them, never cached (C06).
export const CO_FL_WAIT_L4_CONN = 0x00400000; // connect() started, nothing has proven it went through
export const CO_FL_WAIT_L6_CONN = 0x00800000; // something over the socket (TLS) is still negotiating
export const CO_FL_SEND_PROXY = 0x01000000; // a PROXY header must be sent first
export const CO_FL_ACCEPT_PROXY = 0x02000000; // a PROXY header must be received first
export const CO_FL_ACCEPT_CIP = 0x04000000; // a NetScaler CIP header must be received first
export const CO_FL_SOCKS4_SEND = 0x08000000; // a SOCKS4 request must be sent first
export const CO_FL_SOCKS4_RECV = 0x10000000; // a SOCKS4 answer must be received first
export const CO_FL_HANDSHAKE =
  CO_FL_SEND_PROXY | CO_FL_ACCEPT_PROXY | CO_FL_ACCEPT_CIP | CO_FL_SOCKS4_SEND | CO_FL_SOCKS4_RECV; // mask
export const CO_FL_WAIT_L4L6 = CO_FL_WAIT_L4_CONN | CO_FL_WAIT_L6_CONN; // mask: either of the two
export const CO_FL_WAIT_XPRT = CO_FL_WAIT_L4L6 | CO_FL_HANDSHAKE; // mask: the transport is not ready for data

// How the connection ended. Set by the xprt and ctrl layers.
export const CO_FL_ERROR = 0x00001000; // fatal: no more I/O; `errCode` says what
export const CO_FL_SOCK_RD_SH = 0x00002000; // the socket reported the peer's shutdown, or was shut for reading
export const CO_FL_SOCK_WR_SH = 0x00004000; // shutdown(SHUT_WR) was done
export const CO_FL_RST_SEEN = 0x00008000; // the peer reset the connection (C34)

// What it is used for.
export const CO_FL_PRIVATE = 0x00010000; // belongs to one session, never shared
export const CO_FL_SESS_IDLE = 0x00020000; // idle, and owned by its session
export const CO_FL_IN_IDLE_LIST = 0x00040000; // in its server's idle list
export const CO_FL_RST_ON_CLOSE = 0x00080000; // close must send RST (nolinger, or a RST passed on)
export const CO_FL_KEEP_INFO = 0x00100000; // its log line wants what the system measured: to be kept on close

export const CO_FL_TABLE: FlagTable = {
  prefix: 'CO_FL_',
  bits: {
    CTRL_READY: CO_FL_CTRL_READY,
    XPRT_READY: CO_FL_XPRT_READY,
    WANT_DRAIN: CO_FL_WANT_DRAIN,
    WAIT_L4_CONN: CO_FL_WAIT_L4_CONN,
    WAIT_L6_CONN: CO_FL_WAIT_L6_CONN,
    SEND_PROXY: CO_FL_SEND_PROXY,
    ACCEPT_PROXY: CO_FL_ACCEPT_PROXY,
    ACCEPT_CIP: CO_FL_ACCEPT_CIP,
    SOCKS4_SEND: CO_FL_SOCKS4_SEND,
    SOCKS4_RECV: CO_FL_SOCKS4_RECV,
    ERROR: CO_FL_ERROR,
    SOCK_RD_SH: CO_FL_SOCK_RD_SH,
    SOCK_WR_SH: CO_FL_SOCK_WR_SH,
    RST_SEEN: CO_FL_RST_SEEN,
    PRIVATE: CO_FL_PRIVATE,
    SESS_IDLE: CO_FL_SESS_IDLE,
    IN_IDLE_LIST: CO_FL_IN_IDLE_LIST,
    RST_ON_CLOSE: CO_FL_RST_ON_CLOSE,
    KEEP_INFO: CO_FL_KEEP_INFO,
  },
};

// Subscriptions (C22).
export const SUB_RETRY_RECV = 1; // wake me when a receive may succeed
export const SUB_RETRY_SEND = 2; // wake me when a send may succeed

// Flags of rcvBuf.
export const CO_RFL_BUF_WET = 0x0001; // the buffer still holds data the caller has not scheduled
export const CO_RFL_BUF_NOT_STUCK = 0x0002; // the channel has output scheduled: the mux may wait for room (C15)
export const CO_RFL_KEEP_RECV = 0x0004; // go on receiving while there is room
// Flags of sndBuf.
export const CO_SFL_MSG_MORE = 0x0001; // more data follows at once
export const CO_SFL_STREAMER = 0x0002; // part of a bulk flow

// Why a connection failed, set by the first layer to know (`conn.errCode`). The numbers up to 43 are those that the manual
// gives to `fc_err`; from 50 on they are finer than its "general socket error". Texts: errors.ts.
export const CO_ER_NONE = 0;
export const CO_ER_CONF_FDLIM = 2; // the process is out of descriptors
export const CO_ER_SYS_FDLIM = 3; // the system is
export const CO_ER_SYS_MEMLIM = 4; // no kernel memory
export const CO_ER_NOPROTO = 5; // the protocol is not available
export const CO_ER_SOCK_ERR = 6; // a socket call failed; `sockErrno` has the number
export const CO_ER_PORT_RANGE = 7; // every source port of the range is in use
export const CO_ER_CANT_BIND = 8; // the source address could not be used
export const CO_ER_FREE_PORTS = 9; // the system has no free source port
export const CO_ER_ADDR_INUSE = 10; // the local address is taken
export const CO_ER_PRX_EMPTY = 11; // the peer closed where a PROXY header was due
export const CO_ER_PRX_ABORT = 12; // it failed there
export const CO_ER_PRX_TIMEOUT = 13; // nothing, or not enough, came in time
export const CO_ER_PRX_TRUNCATED = 14; // it closed within the header, or the header never ends
export const CO_ER_PRX_NOT_HDR = 15; // that is none
export const CO_ER_PRX_BAD_HDR = 16; // it breaks the rules
export const CO_ER_PRX_BAD_PROTO = 17; // a protocol that the specification does not have
export const CO_ER_CIP_EMPTY = 18; // the same for NetScaler CIP
export const CO_ER_CIP_ABORT = 19;
export const CO_ER_CIP_TIMEOUT = 20;
export const CO_ER_CIP_TRUNCATED = 21;
export const CO_ER_CIP_BAD_MAGIC = 22;
export const CO_ER_CIP_BAD_PROTO = 23; // not TCP over IPv4 or IPv6
export const CO_ER_SOCKS4_SEND = 39; // the SOCKS4 request, or the PROXY header, could not be sent
export const CO_ER_SOCKS4_RECV = 40; // waiting for the SOCKS4 answer failed
export const CO_ER_SOCKS4_DENY = 41; // the SOCKS4 proxy says no
export const CO_ER_SOCKS4_ABORT = 42; // it closed before its answer was complete
export const CO_ER_REFUSED = 50; // the peer refuses
export const CO_ER_UNREACH = 51; // no way to the peer
export const CO_ER_TIMEOUT = 52; // no answer in time
export const CO_ER_RESET = 53; // reset by the peer

// Flags of ctrl.connect().
export const CONNECT_HAS_DATA = 0x1; // something is sent as soon as it goes through (TCP Fast Open)

// Questions for mux.ctl() (C19).
export const MUX_STATUS = 1; // MUX_STATUS_READY or 0
export const MUX_EXIT_STATUS = 2; // one of MUX_ES_*
export const MUX_STATUS_READY = 1;
export const MUX_ES_SUCCESS = 0;
export const MUX_ES_INVALID_ERR = 1;
export const MUX_ES_TOUT_ERR = 2;
export const MUX_ES_INTERNAL_ERR = 3;
export const MUX_ES_UNKNOWN = 4;

// Properties of a mux.
export const MX_FL_NONE = 0;
export const MX_FL_HTX = 1; // carries HTX
export const MX_FL_NO_UPG = 2; // never upgraded to another mux (C16)
export const MX_FL_FRAMED = 4; // multiplexes streams

// Shutdown modes.
export const CS_SHR_DRAIN = 0; // read what is there so that the peer is not reset
export const CS_SHR_RESET = 1; // close at once
export const CS_SHW_NORMAL = 0; // after what was sent
export const CS_SHW_SILENT = 1; // without telling the peer (TLS close notify)
