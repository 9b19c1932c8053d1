import { spawn } from 'node:child_process';
import type { Child } from '../../start/child.ts';

/** Outlives the test run, and tidies up when it could not. */
export interface Guard {
  /** The process that runs now. */
  watch(pid: number): void;
  /** The test run has tidied up itself. */
  dismiss(): void;
}

// Reads pids until its input ends, which it does however the test run ends, by SIGKILL too. An exit handler would not
// do: jest gives test files a copy of `process`, whose 'exit' never comes.
const SCRIPT = `
while read -r line; do last=$line; done
[ "$last" = dismissed ] && exit 0
[ -n "$last" ] && kill -INT "$last" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  { [ -n "$last" ] && kill -0 "$last" 2>/dev/null; } || break
  sleep 1
done
[ -n "$last" ] && kill -KILL "$last" 2>/dev/null
rm -rf "$@"
`;

/**
 * Starts a guard.
 *
 * @param folders removed after the process has ended.
 */
export function startGuard(folders: readonly string[]): Guard {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'guard', ...folders], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  return {
    watch: (pid) => guard.stdin.write(`${pid}\n`),
    dismiss: () => guard.stdin.end('dismissed\n'),
  };
}

/** Ends a child when the test run ends before it does, however that happens. */
export function guardChild(child: Child): void {
  const guard = startGuard([]);
  guard.watch(child.pid);
  void child.exited.then(() => {
    guard.dismiss();
  });
}
