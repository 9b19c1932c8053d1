import { ACCEPTED_ADVISORIES } from './accepted-advisories.ts';
import { readAudit, refused, type Finding } from './judge-audit.ts';
import { npmJson } from './npm-json.ts';

/**
 * Asks the registry for known vulnerabilities. A high or critical one in a package of production ends with 1; one in a
 * development package is shown. A registry that has no answer is said, and ends with 0.
 */
function show(findings: readonly Finding[]): string {
  return findings
    .map(({ severity, packageName, advisory, title }) => `  ${severity} ${packageName}: ${title} (${advisory})\n`)
    .join('');
}

const production = readAudit(npmJson(['audit', '--json', '--omit=dev']));
const everything = readAudit(npmJson(['audit', '--json']));

// Once, when neither was answered.
for (const why of new Set([production, everything].flatMap((audit) => (audit.audited ? [] : [audit.why])))) {
  process.stdout.write(`not audited: ${why}\n`);
}
if (everything.audited) {
  process.stdout.write(`all packages: ${everything.findings.length} advisories\n${show(everything.findings)}`);
}
if (production.audited) {
  const stopping = refused(production.findings, ACCEPTED_ADVISORIES, new Date().toISOString().slice(0, 10));
  process.stdout.write(`packages of production: ${stopping.length} high or critical advisories\n${show(stopping)}`);
  if (stopping.length > 0) {
    process.stdout.write(
      'Update these packages, or accept an advisory in security/accepted-advisories.ts with its reason and its end.\n',
    );
    process.exitCode = 1;
  }
}
