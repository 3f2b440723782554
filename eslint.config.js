// What ESLint holds: typescript-eslint's strict, type-checked rules over everything we write. Formatting is Prettier's alone.
// A rule that is off, or loosened, says why. There is no way round a rule from inside a file (`noInlineConfig`).
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'prebuilds/', 'node_modules/', '.tmp/', 'test/**/corpus/'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.test.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // `== null` asks for null and undefined at once, and nothing else may be loose.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      // node:test collects what `test()` returns by itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'it', 'describe', 'suite', 'before', 'after'], package: 'node:test' },
          ],
        },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        // An ops table's function has all parameters of its slot, used or not; `_` marks those that are not.
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      // House style: an index that was checked is read as `a[i]!`, since typed arrays give `number | undefined`.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Numbers and booleans read well in texts; objects and null still do not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
      // Loops that end by `break` are plain and clear; so are `() => voidCall()`, and `return fail(…)` where both are void.
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Lower layers hold what belongs to upper ones as an opaque owner or a narrow face; its layer casts it back.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // What was caught and kept may be thrown again later; its type is `unknown`.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }],
      // Ops tables hold free functions: nothing in them reads `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Slots and stubs of ops tables, and listeners that swallow on purpose, may be empty.
      '@typescript-eslint/no-empty-function': 'off',
      // `delete process.env[name]` and tables keyed by strings are cold paths; hot ones hold no such objects.
      '@typescript-eslint/no-dynamic-delete': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test body is `async` because its neighbours are; fakes implement promised interfaces without waiting.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Plain node scripts run before anything is installed or built: no types to check them by.
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.base],
    rules: {
      // `== null` asks for null and undefined at once, and nothing else may be loose.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-unused-vars': ['error', { caughtErrors: 'none' }],
    },
  },
);
