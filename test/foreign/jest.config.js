import base from '../../jest.config.js';

const [likeTheOthers] = base.projects;

/** Tests with tools that Node, npm, Java and Maven do not bring; they install them themselves, under .tools/. */
export default {
  ...likeTheOthers,
  displayName: 'foreign',
  rootDir: '../..',
  testMatch: ['<rootDir>/test/foreign/**/*.test.ts'],
  testTimeout: base.testTimeout,
  reporters: base.reporters,
  // A line for each check.
  verbose: true,
};
