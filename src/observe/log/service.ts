// The logs of an instance: targets opened as the configuration has them, and a log for each proxy that has any.
import { hostname } from 'node:os';
import type { AddressConf, Configuration, LogTargetConf } from '../../config/types.js';
import type { Thread } from '../../datapath/fd/thread.js';
import { addressOfConf } from '../../datapath/proto/address.js';
import type { Server } from '../../proxy/server.js';
import type { Proxy } from '../../proxy/proxy.js';
import { NodeDatagramOutput } from './node-datagram.js';
import { eventHeaderOf } from './header.js';
import { DatagramOutput, DescriptorOutput, type LogOutput } from './output.js';
import { type LogIdentity, ProxyLog } from './proxy-log.js';
import { LogRing } from './ring.js';
import { RingForwarder } from './ring-forward.js';
import { LogSink } from './sink.js';

const SYSLOG_PORT = 514;
/** The ring that is there by itself: `show events buf0`. */
const EVENT_RING = 'buf0';
const EVENT_BYTES = 1 << 20;
const NOWHERE: LogOutput = { write: () => false, close: () => undefined };

export class LogService {
  readonly sinks: LogSink[] = [];
  readonly rings = new Map<string, LogRing>();
  /** Rings of targets with a stream address (`tcp@…`), by that; wiring gives each its server. */
  readonly streams = new Map<LogRing, AddressConf>();
  private readonly forwarders: RingForwarder[] = [];
  private readonly ringBytes: number;
  private readonly thr: Thread;
  /** Targets that are the same socket, pipe or file have one output, however many proxies name them. */
  private readonly outputs = new Map<string, LogOutput>();
  private readonly id: LogIdentity;
  private readonly ofGlobal: readonly LogSink[];

  constructor(thr: Thread, config: Configuration) {
    const { global } = config;
    this.thr = thr;
    this.ringBytes = global.tune.bufsize;
    const sent = global.logSendHostname;
    this.id = {
      host: sent === null ? '' : sent === '' ? hostname() : sent,
      tag: global.logTag === '' ? 'haproxy' : global.logTag,
      pid: process.pid,
      now: () => thr.sys.date(),
    };
    this.rings.set(EVENT_RING, new LogRing(EVENT_RING, 'in-memory ring buffer', 'timed', EVENT_BYTES, EVENT_BYTES));
    for (const r of config.rings) {
      this.rings.set(r.name, new LogRing(r.name, r.description, r.format, r.sizeBytes, r.maxlen));
    }
    this.ofGlobal = global.logs.map((conf) => this.open(conf));
  }

  /** Gives `px` its log where it has targets. */
  attach(px: Proxy): void {
    const sinks = px.conf.logs.flatMap((conf) => (conf.global ? this.ofGlobal : [this.open(conf)]));
    if (sinks.length > 0) px.log = new ProxyLog(px, sinks, this.id);
  }

  /** Lines that were lost, all targets together. */
  get dropped(): number {
    return this.sinks.reduce((n, s) => n + s.dropped, 0);
  }

  /** A message of no proxy for a ring, `stdout` or `stderr`; binary string. Names that are none were refused before. */
  event(sink: string, text: string): void {
    const ring = this.rings.get(sink);
    if (ring !== undefined) {
      ring.write(eventHeaderOf(ring.format)(this.id.now()) + text);
      return;
    }
    this.standard(sink).write(`${text}\n`);
  }

  /** A ring's messages go to `server` from now on. */
  forward(ring: LogRing, server: Server): void {
    this.forwarders.push(new RingForwarder(this.thr, ring, server));
  }

  close(): void {
    for (const f of this.forwarders) f.close();
    this.forwarders.length = 0;
    for (const r of this.rings.values()) r.close();
    for (const o of this.outputs.values()) o.close();
    for (const r of this.streams.keys()) r.close();
    this.outputs.clear();
  }

  private open(conf: LogTargetConf): LogSink {
    const output = this.output(conf);
    const ring = output instanceof LogRing ? output : null;
    const format = ring === null ? conf.format : ring.format; // whatever the line says
    const sink = new LogSink({ ...conf, format }, output, this.id.host);
    this.sinks.push(sink);
    return sink;
  }

  private output(conf: LogTargetConf): LogOutput {
    const { target, address } = conf;
    if (target === 'stdout' || target === 'stderr') return this.standard(target);
    if (target.startsWith('ring@')) return this.rings.get(target.slice('ring@'.length)) ?? NOWHERE;
    if (address === null) return NOWHERE;
    const { family, fd } = address;
    if (family === 'fd') return this.shared(`fd@${fd}`, () => new DescriptorOutput(this.thr, fd));
    if (address.type === 'stream') {
      const format = conf.format !== '' ? conf.format : this.id.host === '' ? 'local' : 'rfc3164';
      const ring = new LogRing(target, target, format, this.ringBytes, this.ringBytes);
      this.streams.set(ring, address);
      return ring;
    }
    const to = addressOfConf(address, '127.0.0.1', '::1');
    const there = to.port === 0 && to.host !== '' ? { ...to, port: SYSLOG_PORT } : to;
    return this.shared(`dgram ${to.family} ${String(to.abstract)} ${there.host} ${there.port}`, () =>
      this.thr.sys.name === 'js' ? new NodeDatagramOutput(there) : new DatagramOutput(this.thr, there),
    );
  }

  private standard(target: string): LogOutput {
    return this.shared(target, () => new DescriptorOutput(this.thr, target === 'stdout' ? 1 : 2));
  }

  private shared(key: string, make: () => LogOutput): LogOutput {
    const known = this.outputs.get(key);
    if (known !== undefined) return known;
    const output = make();
    this.outputs.set(key, output);
    return output;
  }
}
