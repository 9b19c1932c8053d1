import { spawn } from 'node:child_process';

/** Outlives the campaign, and ends what the campaign could not end itself. */
export interface Guard {
  /** A process that runs from now on. */
  watch(pid: number): void;
  /** It has ended: its number may be somebody else's soon. */
  forget(pid: number): void;
  /** A file system that is mounted from now on. */
  watchMount(path: string): void;
  /** Everything has been ended. */
  dismiss(): void;
}

// Reads until its input ends, which it does however the campaign ends, by SIGKILL too.
const SCRIPT = `
pids=' '
mount=
while read -r verb what; do
  case "$verb" in
    watch) pids="$pids$what " ;;
    forget) pids="\${pids%% $what *} \${pids#* $what }" ;;
    mount) mount="$what" ;;
    dismiss) exit 0 ;;
  esac
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
sleep 1
[ -n "$mount" ] && umount "$mount" 2>/dev/null
exit 0
`;

/** Starts a guard. */
export function startGuard(): Guard {
  const guard = spawn('/bin/sh', ['-c', SCRIPT], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  const tell = (line: string): void => {
    guard.stdin.write(`${line}\n`);
  };
  return {
    watch: (pid) => {
      tell(`watch ${pid}`);
    },
    forget: (pid) => {
      tell(`forget ${pid}`);
    },
    watchMount: (path) => {
      tell(`mount ${path}`);
    },
    dismiss: () => {
      guard.stdin.end('dismiss\n');
    },
  };
}
