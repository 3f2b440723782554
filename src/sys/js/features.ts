// SYS_F_* bits of the js transport, known without loading it.
import { platform } from 'node:process';
import { SYS_F_ABSTRACT, SYS_F_HALFOPEN, SYS_F_INHERIT, SYS_F_RST } from '../types.js';

const ABSTRACT = platform === 'linux' ? SYS_F_ABSTRACT : 0; // Node >= 20.4: '\0name'
export const JS_FEATURES = SYS_F_INHERIT | SYS_F_RST | SYS_F_HALFOPEN | ABSTRACT;
