/** An advisory that was read and found harmless here. It names its reason, and ends. */
export interface AcceptedAdvisory {
  /** `GHSA-xxxx-xxxx-xxxx` */
  readonly advisory: string;
  readonly reason: string;
  /** The day after which it counts again: YYYY-MM-DD. */
  readonly until: string;
}

export interface Finding {
  /** `GHSA-xxxx-xxxx-xxxx`, or its address where it has no such name. */
  readonly advisory: string;
  readonly packageName: string;
  readonly severity: string;
  readonly title: string;
}

/** What an audit came to. */
export type Audit =
  { readonly audited: false; readonly why: string } | { readonly audited: true; readonly findings: readonly Finding[] };

interface Advisory {
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly severity: string;
}

interface Vulnerability {
  /** Advisories, and names of the vulnerable packages that it comes through. */
  readonly via: readonly (string | Advisory)[];
}

const SERIOUS = new Set(['high', 'critical']);

/**
 * Reads what `npm audit --json` printed. "Not audited" is only what npm prints when the registry's answer is missing: a
 * message, no report, and no error code of npm's own.
 *
 * @throws Error for anything that is neither a report nor a missing answer; a broken audit must not pass for a clean one
 */
export function readAudit(printed: unknown): Audit {
  const said = printed as {
    vulnerabilities?: Readonly<Record<string, Vulnerability>>;
    message?: unknown;
    error?: { code?: unknown; summary?: unknown };
  } | null;
  if (said?.vulnerabilities !== undefined) return { audited: true, findings: findingsOf(said.vulnerabilities) };
  if (typeof said?.message === 'string' && said.error?.code === undefined) {
    return { audited: false, why: said.message };
  }
  throw new Error(`npm audit failed: ${JSON.stringify(said?.error ?? printed)}`);
}

function findingsOf(vulnerabilities: Readonly<Record<string, Vulnerability>>): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { via } of Object.values(vulnerabilities)) {
    for (const cause of via) {
      if (typeof cause === 'string') continue;
      const advisory = /GHSA(-[0-9a-z]{4}){3}/.exec(cause.url)?.[0] ?? cause.url;
      const { name: packageName, severity, title } = cause;
      findings.set(`${advisory} ${packageName}`, { advisory, packageName, severity, title });
    }
  }
  return [...findings.values()];
}

/**
 * @param today YYYY-MM-DD
 * @returns the findings that have to stop a release: high or critical, and not accepted today
 */
export function refused(
  findings: readonly Finding[],
  accepted: readonly AcceptedAdvisory[],
  today: string,
): readonly Finding[] {
  const harmless = new Set(accepted.filter(({ until }) => today <= until).map(({ advisory }) => advisory));
  return findings.filter(({ advisory, severity }) => SERIOUS.has(severity) && !harmless.has(advisory));
}
