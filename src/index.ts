// The library's face: everything that `import … from 'sluice'` gives.
export { ConfigError } from './config/error.js';
export type { Position, Report, Severity } from './config/types.js';
export type { Address } from './datapath/proto/types.js';
export { SluiceProxy } from './extend/sluice-proxy.js';
export type {
  BoundAddress,
  CloseOptions,
  ConnectCounts,
  EngineStats,
  LibraryTransport,
  ListenerStats,
  LogLine,
  ProcessLogLevel,
  ProxyStats,
  ServerStats,
  SessionCounts,
  SluiceEvents,
  SluiceFileOptions,
  SluiceOptions,
  SluiceStats,
  SluiceTextOptions,
} from './extend/types.js';
export { EngineStartError } from './runtime/engine.js';
export type { SessionReport } from './runtime/instance.js';
export { createProxy } from './runtime/library.js';
export { TransportError } from './runtime/transport-wish.js';
export type { StartError } from './runtime/wiring.js';
export { NativeAddonError } from './sys/load.js';
