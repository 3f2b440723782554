// What an applet is: the other kind of endpoint behind a stream-interface, which makes its answer itself. Declarations only.
import type { Appctx } from './appctx.js';

export interface AppletOps {
  /** As dumps show it: `<CLI>`. */
  readonly name: string;
  /** The applet was put behind a stream-interface; `app.ctx` is its own. */
  init(app: Appctx): void;
  /** Input came, room was made, or an end was seen: goes on as far as it can. Never called after `release`. */
  io(app: Appctx): void;
  /** The endpoint is let go of; nothing may be written any more. */
  release(app: Appctx): void;
}
