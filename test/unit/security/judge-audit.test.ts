import { readAudit, refused, type Finding } from '../../../security/judge-audit.ts';

const advisory = {
  name: 'left-pad',
  title: 'Pads too far',
  url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
  severity: 'high',
};
const finding: Finding = {
  advisory: 'GHSA-aaaa-bbbb-cccc',
  packageName: 'left-pad',
  severity: 'high',
  title: 'Pads too far',
};

test('an advisory is found once, however many packages it comes through', () => {
  const printed = {
    auditReportVersion: 2,
    vulnerabilities: { 'left-pad': { via: [advisory] }, pads: { via: ['left-pad', advisory] } },
  };
  expect(readAudit(printed)).toEqual({ audited: true, findings: [finding] });
});

test('a report beside an error message is a report', () => {
  expect(readAudit({ message: 'timed out', vulnerabilities: { 'left-pad': { via: [advisory] } } })).toEqual({
    audited: true,
    findings: [finding],
  });
});

test('a registry that does not answer is no audit, and says why', () => {
  const printed = { message: '405 Method Not Allowed', error: { summary: '', detail: '' } };
  expect(readAudit(printed)).toEqual({ audited: false, why: '405 Method Not Allowed' });
});

test.each([
  ['an error of npm’s own', { message: 'x', error: { code: 'ENOLOCK', summary: 'needs a lockfile' } }],
  ['an empty object', {}],
  ['null', null],
])('%s is neither: it throws', (_name, printed) => {
  expect(() => readAudit(printed)).toThrow('npm audit failed');
});

test('high and critical advisories stop, unless one is accepted and its end has not come', () => {
  const mild = { ...finding, advisory: 'GHSA-mild-mild-mild', severity: 'moderate' };
  const accepted = [{ advisory: finding.advisory, reason: 'not reachable', until: '2030-01-31' }];
  expect(refused([finding, mild, { ...finding, severity: 'critical' }], [], '2030-01-01')).toHaveLength(2);
  expect(refused([finding], accepted, '2030-01-31')).toEqual([]);
  expect(refused([finding], accepted, '2030-02-01')).toEqual([finding]);
});
