// Flags of a channel, and its analysers. Declarations only.
//
//   CF_SHUTR CF_SHUTR_NOW   reads          CF_SHUTW CF_SHUTW_NOW   writes
//      0          0         open              0          0         open
//      0          1         close soon        0          1         close once the output has left
//      1          -         closed            1          -         closed
import type { FlagTable } from '../../base/flags.js';

// Events of the producer; transient unless said, cleared when process_stream has seen them.
export const CF_READ_NULL = 0x00000001; // the last read was seen
export const CF_READ_PARTIAL = 0x00000002; // some data were received
export const CF_READ_TIMEOUT = 0x00000004; // the producer was silent for too long; stays
export const CF_READ_ERROR = 0x00000008; // the producer failed; stays
export const CF_SHUTR = 0x00000020; // no more reads; stays
export const CF_SHUTR_NOW = 0x00000040; // the producer must shut as soon as possible; stays
// Events of the consumer.
export const CF_WRITE_NULL = 0x00000100; // write(0) or connect() went through
export const CF_WRITE_PARTIAL = 0x00000200; // some data were sent
export const CF_WRITE_TIMEOUT = 0x00000400; // the consumer took nothing for too long; stays
export const CF_WRITE_ERROR = 0x00000800; // the consumer failed; stays
export const CF_WAKE_WRITE = 0x00001000; // wake the stream on the next write
export const CF_SHUTW = 0x00002000; // no more writes; stays
export const CF_SHUTW_NOW = 0x00004000; // the consumer must shut once the output has left; stays
export const CF_AUTO_CLOSE = 0x00008000; // the producer's end is the consumer's too
// Conduct.
export const CF_STREAMER = 0x00010000; // the producer fills buffers
export const CF_STREAMER_FAST = 0x00020000; // the consumer empties them at once
export const CF_KERN_SPLICING = 0x00040000; // splicing is wanted
export const CF_READ_DONTWAIT = 0x00080000; // one read, then process_stream
export const CF_AUTO_CONNECT = 0x00100000; // the consumer may connect without output
export const CF_DONT_READ = 0x00200000; // the producer must wait
export const CF_EXPECT_MORE = 0x00400000; // more data follow at once (MSG_MORE)
export const CF_SEND_DONTWAIT = 0x00800000; // one send, then process_stream
export const CF_NEVER_WAIT = 0x01000000; // never MSG_MORE
export const CF_WAKE_ONCE = 0x02000000; // wake the stream once more
export const CF_EOI = 0x04000000; // the message is complete (transient; the cs keeps its own, C21)
export const CF_ISRESP = 0x08000000; // the response's channel

/** Mask: what stays when the transient events are cleared. */
export const CF_MASK_STATIC = ~(CF_READ_NULL | CF_READ_PARTIAL | CF_WRITE_NULL | CF_WRITE_PARTIAL | CF_WAKE_ONCE);

export const CF_TABLE: FlagTable = {
  prefix: 'CF_',
  bits: {
    READ_NULL: CF_READ_NULL,
    READ_PARTIAL: CF_READ_PARTIAL,
    READ_TIMEOUT: CF_READ_TIMEOUT,
    READ_ERROR: CF_READ_ERROR,
    SHUTR: CF_SHUTR,
    SHUTR_NOW: CF_SHUTR_NOW,
    WRITE_NULL: CF_WRITE_NULL,
    WRITE_PARTIAL: CF_WRITE_PARTIAL,
    WRITE_TIMEOUT: CF_WRITE_TIMEOUT,
    WRITE_ERROR: CF_WRITE_ERROR,
    WAKE_WRITE: CF_WAKE_WRITE,
    SHUTW: CF_SHUTW,
    SHUTW_NOW: CF_SHUTW_NOW,
    AUTO_CLOSE: CF_AUTO_CLOSE,
    STREAMER: CF_STREAMER,
    STREAMER_FAST: CF_STREAMER_FAST,
    KERN_SPLICING: CF_KERN_SPLICING,
    READ_DONTWAIT: CF_READ_DONTWAIT,
    AUTO_CONNECT: CF_AUTO_CONNECT,
    DONT_READ: CF_DONT_READ,
    EXPECT_MORE: CF_EXPECT_MORE,
    SEND_DONTWAIT: CF_SEND_DONTWAIT,
    NEVER_WAIT: CF_NEVER_WAIT,
    WAKE_ONCE: CF_WAKE_ONCE,
    EOI: CF_EOI,
    ISRESP: CF_ISRESP,
  },
};

// Analysers, in the order in which they run.
export const AN_REQ_INSPECT_FE = 0x0001; // tcp-request content rules of the frontend
export const AN_REQ_SWITCHING_RULES = 0x0002; // the backend is chosen
export const AN_REQ_INSPECT_BE = 0x0004; // tcp-request content rules of the backend
export const AN_REQ_SRV_RULES = 0x0008; // use-server rules
export const AN_REQ_PRST_RDP_COOKIE = 0x0020; // persist rdp-cookie
export const AN_RES_INSPECT = 0x0010; // tcp-response content rules

export const AN_TABLE: FlagTable = {
  prefix: 'AN_',
  bits: {
    REQ_INSPECT_FE: AN_REQ_INSPECT_FE,
    REQ_SWITCHING_RULES: AN_REQ_SWITCHING_RULES,
    REQ_INSPECT_BE: AN_REQ_INSPECT_BE,
    REQ_SRV_RULES: AN_REQ_SRV_RULES,
    REQ_PRST_RDP_COOKIE: AN_REQ_PRST_RDP_COOKIE,
    RES_INSPECT: AN_RES_INSPECT,
  },
};
