import type { ChildExit, Running, StartHooks } from '../../start/child.ts';
import { SupervisedPart } from '../../start/supervised-part.ts';

/** A process that lives until somebody ends it. */
function fakeProcess(pid: number): Running & { die(exit: ChildExit): void } {
  let die: (exit: ChildExit) => void = () => undefined;
  let ended = false;
  const exited = new Promise<ChildExit>((resolve) => {
    die = (exit) => {
      ended = true;
      resolve(exit);
    };
  });
  const end = async (): Promise<ChildExit & { killed: boolean }> => {
    die({ code: 0, signal: null });
    return { ...(await exited), killed: false };
  };
  return {
    pid,
    logFile: '/none.log',
    exited,
    hasExited: () => ended,
    signal: () => undefined,
    stop: end,
    kill: end,
    die,
  };
}

function supervised(firstStartAttempts: number, starts: ('runs' | 'fails')[]) {
  const said: string[] = [];
  const processes: ReturnType<typeof fakeProcess>[] = [];
  const part = new SupervisedPart(
    {
      name: 'orders',
      firstStartAttempts,
      start: (hooks: StartHooks) => {
        const started = fakeProcess(100 + processes.length);
        processes.push(started);
        hooks.onSpawn?.(started);
        return starts.shift() === 'fails' ? Promise.reject(new Error('it ended')) : Promise.resolve(started);
      },
    },
    { spawned: () => undefined, say: (sentence) => said.push(sentence) },
  );
  return { part, said, processes };
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('a supervised part', () => {
  test('is started again when it dies, and both are said', async () => {
    const { part, said, processes } = supervised(1, []);
    await part.start();
    processes[0]?.die({ code: null, signal: 'SIGKILL' });
    await jest.advanceTimersByTimeAsync(500);
    expect(said).toEqual([expect.stringContaining('orders died (signal SIGKILL)'), 'orders runs again (pid 101).']);
  });

  test('waits longer after each death, and half a second again once it has run a minute', async () => {
    const { part, processes } = supervised(1, []);
    await part.start();
    for (const waitMs of [500, 1000, 2000]) {
      const before = processes.length;
      processes.at(-1)?.die({ code: 1, signal: null });
      await jest.advanceTimersByTimeAsync(waitMs - 1);
      expect(processes).toHaveLength(before);
      await jest.advanceTimersByTimeAsync(1);
      expect(processes).toHaveLength(before + 1);
    }
    await jest.advanceTimersByTimeAsync(61_000);
    processes.at(-1)?.die({ code: 1, signal: null });
    await jest.advanceTimersByTimeAsync(500);
    expect(processes).toHaveLength(5);
  });

  test('that never came up fails after its attempts', async () => {
    const { part, processes } = supervised(3, ['fails', 'fails', 'fails']);
    const failed = expect(part.start()).rejects.toThrow('it ended');
    await jest.advanceTimersByTimeAsync(10_000);
    await failed;
    expect(processes).toHaveLength(3);
  });

  test('is not started again when it was told to stop', async () => {
    const { part, said, processes } = supervised(1, []);
    await part.start();
    await part.stop('stop');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(processes).toHaveLength(1);
    expect(said).toEqual([]);
  });

  test('is not started again when it is told to stop while it waits to be', async () => {
    const { part, processes } = supervised(1, []);
    await part.start();
    processes[0]?.die({ code: 1, signal: null });
    await jest.advanceTimersByTimeAsync(100);
    await part.stop('stop');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(processes).toHaveLength(1);
  });
});
