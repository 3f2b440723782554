// Which transport serves a thread: what the environment forces, what the configuration or the embedder asks for, else the best
// that works. A transport forced by name that is not available is a failure, never a fallback (C31).
import { createNativeSys } from '../sys/native.js';
import { JsSys } from '../sys/js/js-sys.js';
import { type Addon, loadAddon, NativeAddonError } from '../sys/load.js';
import type { Sys } from '../sys/types.js';
import { createUringSys } from '../sys/uring.js';
import { forcedTransport, TransportError, type TransportWish } from './transport-wish.js';

export interface ChosenTransport {
  readonly sys: Sys;
  /** Why it is not what was asked for, for the log; '' where it is. */
  readonly notice: string;
}

/**
 * Opens the transport. `wish`: of the configuration or the embedder. `arenaBytes`: most memory for I/O, reserved and not used
 * until touched.
 */
export function openTransport(
  wish: TransportWish,
  env: NodeJS.ProcessEnv,
  arenaBytes: number | undefined,
  wrapAddon?: (addon: Addon) => Addon,
): ChosenTransport {
  const forced = forcedTransport(env);
  const size = arenaBytes === undefined ? {} : { arenaBytes };
  if (forced === 'js' || (forced === '' && wish === 'js')) {
    if (env['SLUICE_NATIVE'] === '1')
      throw new TransportError('SLUICE_NATIVE=1 and the js transport exclude each other');
    return { sys: new JsSys(), notice: '' };
  }
  const found = loadAddon(undefined, env);
  if (found.addon === null) {
    if (forced !== '') throw new TransportError(`transport ${forced} is not available: ${found.reason}`);
    return { sys: new JsSys(), notice: `addon not loaded, using the js transport: ${found.reason}` };
  }
  const addon = wrapAddon === undefined ? found.addon : wrapAddon(found.addon);
  const asked = forced !== '' ? forced : wish;
  if (asked === 'uring') {
    try {
      return { sys: createUringSys({ ...size, addon }), notice: '' };
    } catch (error) {
      if (!(error instanceof NativeAddonError)) throw error;
      if (forced !== '') throw new TransportError(`transport uring is not available: ${error.message}`);
      const sys = createNativeSys({ ...size, addon });
      return { sys, notice: `io_uring is not available (${error.message}), using ${sys.name}` };
    }
  }
  const sys = createNativeSys({ ...size, addon });
  if (forced !== '' && sys.name !== forced) {
    const got = sys.name;
    sys.destroy();
    throw new TransportError(`transport ${forced} is not available on this system, ${got} is`);
  }
  const notice =
    asked !== '' && sys.name !== asked ? `${asked} is not available on this system, using ${sys.name}` : '';
  return { sys, notice };
}
