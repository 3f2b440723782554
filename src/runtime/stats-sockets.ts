// Stats sockets: listeners of an internal frontend, GLOBAL, whose sessions have the CLI's applet in the server's place.
import { newProxy } from '../config/defaults.js';
import type { BindConf } from '../config/types.js';
import { muxPt } from '../datapath/mux/pt.js';
import { addressText } from '../datapath/proto/address.js';
import { type AcceptOptions, Listener } from '../datapath/proto/listener.js';
import { receiverOpen } from '../datapath/proto/receiver.js';
import { sessionAccept } from '../datapath/session/session.js';
import { rawSock } from '../datapath/xprt/raw-sock.js';
import { cliApplet } from '../observe/cli/applet.js';
import { cliCommands } from '../observe/cli/commands.js';
import type { CliEnv } from '../observe/cli/types.js';
import { Counters } from '../proxy/counters.js';
import { ConnLimit } from '../proxy/limit.js';
import { Proxy } from '../proxy/proxy.js';
import type { Instance } from './instance.js';
import { descriptorLimit } from './limits.js';
import { programVersion, releaseDate } from './version.js';
import type { StartError } from './wiring.js';

const NAME = 'GLOBAL';
const ACCEPT: AcceptOptions = { maxAccept: 4, keepalive: false, rcvbufBytes: 0, sndbufBytes: 0 };

/**
 * Opens the `stats socket` lines of the instance's configuration. What cannot be opened is added to `errors`. The listeners
 * are among the instance's: they start and stop with it; their sessions count as its sessions, but in no proxy of the user.
 */
export function openStatsSockets(instance: Instance, errors: StartError[]): void {
  const { global } = instance.config;
  if (global.statsSockets.length === 0) return;
  const conf = newProxy('frontend', NAME, global.statsSockets[0]!.position);
  conf.timeouts.client = global.statsTimeoutMs;
  conf.maxconn = global.statsMaxconn;
  const px = new Proxy(conf);
  px.process = instance.samples;
  const sockets: Listener[] = [];
  const env: CliEnv = {
    instance,
    sockets,
    version: programVersion(),
    releaseDate: releaseDate(),
    node: global.node,
    ulimitN: Math.max(0, descriptorLimit()),
    hardMaxconn: instance.limit.max,
  };
  px.process = instance.samples;
  px.applet = cliApplet(env, cliCommands);
  global.statsSockets.forEach(({ bind }, i) => {
    const listener = openSocket(instance, px, bind, i, errors);
    if (listener === null) return;
    sockets.push(listener);
    px.listeners.push(listener);
    instance.listeners.push(listener);
  });
}

function openSocket(
  instance: Instance,
  px: Proxy,
  conf: BindConf,
  index: number,
  errors: StartError[],
): Listener | null {
  const { thr, config } = instance;
  const backlog = conf.backlog || 128;
  const r = receiverOpen(thr, conf, { backlog, noReuseport: config.global.noReuseport });
  if (r.fd < 0) {
    const { position } = conf;
    errors.push({ proxy: NAME, kind: 'frontend', message: r.error, address: addressText(r.address), position });
    return null;
  }
  const name = conf.name === '' ? `sock-${index + 1}` : conf.name;
  const listener = new Listener(
    thr,
    r.fd,
    r.address,
    conf,
    name,
    muxPt,
    ACCEPT,
    conf.maxconn !== 0 ? [new ConnLimit(conf.maxconn), px.limit] : [px.limit],
    new Counters(),
    (conn, l) => {
      instance.connTotal++;
      instance.sessions++;
      px.fe.enter();
      return sessionAccept(conn, l, px, instance, rawSock);
    },
    r.inherited,
  );
  listener.backlog = backlog;
  return listener;
}
