// Stats sockets: placeholder of the room that opens them.
import type { Instance } from './instance.js';
import type { StartError } from './wiring.js';

export function openStatsSockets(_instance: Instance, _errors: StartError[]): void {}
