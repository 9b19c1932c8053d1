import tseslint from 'typescript-eslint';

/** Between wire and disk an amount is text or a bigint: here is every way by which it would become a double. */
const NO_FLOATS = [
  ['CallExpression[callee.name=/^(Number|parseFloat|parseInt)$/]', 'a conversion to number'],
  ['CallExpression[callee.property.name=/^(parseFloat|parseInt|toFixed|toPrecision|toExponential)$/]', 'a number'],
  ['MemberExpression[object.name="Math"]', 'arithmetic on numbers'],
  ['UnaryExpression[operator="+"]', 'a conversion to number'],
  ['Literal[raw=/^[0-9]*[.][0-9]+$/]', 'a fraction that a double rounds'],
  ['CallExpression[callee.object.name="JSON"][callee.property.name="parse"][arguments.length=1]', 'numbers as doubles'],
  ['MemberExpression[object.name="DataTypes"][property.name=/^(FLOAT|DOUBLE|REAL|DECIMAL|NUMBER)$/]', 'a float column'],
  [
    'TSPropertySignature[key.name=/^(amount|balance|balanceAfter|total|paidIn|spent)$/] TSNumberKeyword',
    'money typed as a number',
  ],
  [
    'Property[key.name="up"] TemplateElement[value.raw=/\\b(real|float[48]?|double precision|numeric|decimal)\\b/i]',
    'a column that is no bigint',
  ],
].map(([selector, what]) => ({
  selector,
  message: `This is ${what}: amounts are bigint minor units inside and decimal text between nodes, never a float. What is no amount says so beside its eslint-disable.`,
}));

export default tseslint.config(
  { ignores: ['node_modules/', '.data/', '.tools/', 'coverage/', '.site/', 'bench/results/', 'client/schema.d.ts'] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Rows, ports and counters are printed more often than they are mistaken.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      curly: ['error', 'multi-line'],
    },
  },
  {
    files: [
      ...['money', 'contract', 'services', 'events'].map((room) => `${room}/**/*.ts`),
      ...['representations', 'parse-json', 'read-input', 'answer-call'].map((name) => `http/${name}.ts`),
      'mixins/outbox/add-to-outbox.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', ...NO_FLOATS] },
  },
  {
    // The types of what answers bring those of Node along.
    files: ['console/web/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'process', 'Buffer', 'global', 'require', 'setImmediate'] },
  },
  { files: ['start/**', 'bench/**', 'test/**'], rules: { 'no-console': 'off' } },
);
