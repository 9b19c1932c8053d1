/** The rooms of the house and what may be imported from where (ADR 0001). */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'services-never-import-services',
      severity: 'error',
      from: { path: '^services/(api|audit|orders|payments)([./])' },
      to: { path: '^services/', pathNot: '^services/$1[./]' },
    },
    {
      name: 'the-audit-shares-nothing-with-what-it-judges',
      severity: 'error',
      comment: 'What has to hold is written from the invariants: a mistake of the services is not made twice.',
      from: { path: '^audit/' },
      to: { path: '^(services|http|contract|money)/' },
    },
    { name: 'mixins-never-import-services', severity: 'error', from: { path: '^mixins/' }, to: { path: '^services/' } },
    {
      name: 'pure-code-never-imports-moleculer',
      severity: 'error',
      comment: 'Decisions and the relay are plain TypeScript; the mixins wire them to Moleculer.',
      from: {
        path: '^(services/orders/order\\.ts|services/payments/payment\\.ts|mixins/outbox/|mixins/inbox/|events/|money/)',
      },
      to: { path: 'node_modules/(moleculer|moleculer-[a-z-]+)/' },
    },
    {
      name: 'only-the-kafka-client-knows-kafkajs',
      severity: 'error',
      from: {
        pathNot:
          '^(kafka/client|kafka/kafkajs-repairs|test/unit/kafkajs-repairs\\.test|test/integration/kafka-sockets\\.test)\\.ts$',
      },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'the-product-never-imports-what-runs-it',
      severity: 'error',
      from: {
        path: '^(services|mixins|console|repl|kafka|events|config|http|auth|logs|metrics|tracing|money|moleculer)',
      },
      to: { path: '^(client|demo|doctor|reference|docs|start|shop|fuzz|planted|simulator|test|bench|security|chaos)/' },
    },
    {
      name: 'the-terminal-knows-nobody',
      severity: 'error',
      comment:
        'How a command reads its options and colours its lines is the same for all of them, and needs no package: an older Node runs it.',
      from: { path: '^(terminal/|doctor/.*\\.js$)' },
      to: { pathNot: ['^terminal/', '^doctor/', '^start/.*\\.js$'], dependencyTypesNot: ['core', 'type-only'] },
    },
    {
      name: 'the-console-calls-actions',
      severity: 'error',
      comment: 'What it shows and does, anybody on the bus can ask for and do; it reaches into no service.',
      from: { path: '^console/' },
      to: { path: '^(services|mixins|kafka|repl|start)/' },
    },
    {
      name: 'the-page-imports-nothing-of-the-node',
      severity: 'error',
      comment: 'Its modules run in a browser, as they stand.',
      from: { path: '^console/web/' },
      to: {
        pathNot: '^(console/web/|contract/|console/answers\\.ts$|node_modules/(preact|htm|@preact/signals|uplot)/)',
      },
    },
    {
      name: 'the-page-knows-answers-by-their-types',
      severity: 'error',
      comment:
        'Types are gone before the page is served; a value would be asked for at an address that does not exist.',
      from: { path: '^console/web/' },
      to: { path: '^(contract/|console/answers\\.ts$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'commands-call-actions',
      severity: 'error',
      comment: 'A command does over the bus what anybody may do there; it reaches into no service.',
      from: { path: '^repl/' },
      to: { path: '^(services|mixins|kafka|http|start)/' },
    },
    {
      name: 'the-oracle-shares-nothing-with-what-it-judges',
      severity: 'error',
      comment: 'What an answer has to be is written from the contract: a mistake of the product is not made twice.',
      from: { path: '^fuzz/(oracle|generators)/' },
      to: { path: '^(services|mixins|kafka|events|config|http|auth|money|contract|problems)/' },
    },
    {
      name: 'decisions-do-no-io',
      severity: 'error',
      from: { path: '^(services/orders/order\\.ts|services/payments/payment\\.ts|money/)' },
      to: { path: 'node_modules/(pg|sequelize|kafkajs)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.data|\\.tools|\\.site|\\.vitepress|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
