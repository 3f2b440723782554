// What conditions are made of (configuration manual 7.1, 7.2): patterns, match methods, ACLs. Declarations only.
import type { Position } from '../../config/types.js';
import type { Sample, SampleExpression } from '../sample/types.js';

// What a condition answers.
export const COND_FAIL = 0;
export const COND_PASS = 1;
export const COND_MISS = 2; // not to be said yet: more data may come

/** The patterns of one ACL line, in the shape that its match method searches fastest. */
export interface Matcher {
  /** Name of the method: 'str', 'int', 'ip' … */
  readonly method: string;
  /** SMP_T_* that it looks at; SMP_T_ANY where the sample is taken as it is. */
  readonly type: number;
  /** Patterns inside, those of files included. */
  readonly count: number;
  /** Whether any pattern matches. `smp` has `type` already and may be changed no more. */
  match(smp: Sample): boolean;
}

/** One `acl` line, or what stands between braces. */
export interface AclExpr {
  /** As written. */
  readonly text: string;
  readonly sample: SampleExpression;
  readonly matcher: Matcher;
}

/** Lines of one name are alternatives. */
export interface Acl {
  /** '' for an anonymous one. */
  readonly name: string;
  readonly exprs: AclExpr[];
  readonly position: Position;
  /** Of its samples together, SMP_USE_*. */
  use: number;
  /** A condition names it. */
  used: boolean;
}

export interface CondTerm {
  readonly acl: Acl;
  readonly negated: boolean;
}

/** `if` or `unless` and what follows: alternatives of terms that must all hold. */
export interface Condition {
  readonly suites: readonly (readonly CondTerm[])[];
  readonly unless: boolean;
  /** SMP_USE_* of all its samples. */
  readonly use: number;
  readonly position: Position;
  /** As written, without `if` or `unless`. */
  readonly text: string;
}
