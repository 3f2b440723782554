// Flags of a conn-stream: what the mux reports to the layer above, and what that layer did. Declarations only.
import type { FlagTable } from '../../base/flags.js';

export const CS_FL_SHRD = 0x00000001; // reads were shut, the peer's data drained
export const CS_FL_SHRR = 0x00000002; // reads were shut, at once
export const CS_FL_SHWN = 0x00000004; // writes were shut, normally
export const CS_FL_SHWS = 0x00000008; // writes were shut, silently
export const CS_FL_ERROR = 0x00000100; // fatal: set by the mux, nothing more comes or goes
export const CS_FL_ERR_PENDING = 0x00000200; // an error waits behind data that can still be read
export const CS_FL_RCV_MORE = 0x00000400; // the mux holds more than fitted
export const CS_FL_WANT_ROOM = 0x00000800; // the mux needs (more) room in the buffer to go on
export const CS_FL_EOI = 0x00001000; // end of input: the message is complete, the connection may live on
export const CS_FL_EOS = 0x00002000; // end of stream: nothing will ever follow
export const CS_FL_MAY_SPLICE = 0x00004000; // the mux's word to the si: what follows may be spliced (C11)
export const CS_FL_READ_NULL = 0x00008000; // the last read seen; stays where the channel's event is transient (C21)
export const CS_FL_NOT_FIRST = 0x00010000; // not the first stream of its connection
export const CS_FL_KILL_CONN = 0x00020000; // the whole connection must go with the stream
export const CS_FL_WAIT_FOR_HS = 0x00040000; // the layer above waits for the handshake to end

export const CS_FL_SHR = CS_FL_SHRD | CS_FL_SHRR; // mask: reads are shut
export const CS_FL_SHW = CS_FL_SHWN | CS_FL_SHWS; // mask: writes are shut

export const CS_FL_TABLE: FlagTable = {
  prefix: 'CS_FL_',
  bits: {
    SHRD: CS_FL_SHRD,
    SHRR: CS_FL_SHRR,
    SHWN: CS_FL_SHWN,
    SHWS: CS_FL_SHWS,
    ERROR: CS_FL_ERROR,
    ERR_PENDING: CS_FL_ERR_PENDING,
    RCV_MORE: CS_FL_RCV_MORE,
    WANT_ROOM: CS_FL_WANT_ROOM,
    EOI: CS_FL_EOI,
    EOS: CS_FL_EOS,
    MAY_SPLICE: CS_FL_MAY_SPLICE,
    READ_NULL: CS_FL_READ_NULL,
    NOT_FIRST: CS_FL_NOT_FIRST,
    KILL_CONN: CS_FL_KILL_CONN,
    WAIT_FOR_HS: CS_FL_WAIT_FOR_HS,
  },
};
