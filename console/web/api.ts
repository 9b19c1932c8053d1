import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { isPaused, isSelecting } from './state.ts';

/** The gateway's answers. */

export class Refused extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

interface ProblemBody {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** @throws Refused with a sentence */
export async function get<T>(path: string): Promise<T> {
  return answerOf<T>(await ask(path, {}));
}

/** An act. @throws Refused with a sentence */
export async function post<T>(path: string, body: object): Promise<T> {
  return answerOf<T>(
    await ask(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Console': '1' },
      body: JSON.stringify(body),
    }),
  );
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch {
    throw new Refused(0, 'The gateway does not answer. Is it running, and can this machine reach it?');
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  // The session is over: the same address shows how to come in.
  if (response.status === 401) location.reload();
  const { detail, title, errors } = (await response.json().catch(() => ({}))) as ProblemBody;
  const fields = (errors ?? []).map((error) => error.detail).join(' ');
  throw new Refused(
    response.status,
    `${detail ?? title ?? `The gateway answered ${response.status}.`}${fields === '' ? '' : ` ${fields}`}`,
  );
}

export interface Loaded<T> {
  /** The newest answer; an older one stays while the next is asked for. */
  readonly data: T | null;
  readonly error: Error | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * Asks for something, and again in intervals while somebody looks at it.
 *
 * @param everyMs 0: once
 */
export function useData<T>(path: string | null, everyMs = 0): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: Error | null; isLoading: boolean }>({
    path,
    data: null,
    error: null,
    isLoading: true,
  });
  const latest = useRef(0);
  const load = useCallback(() => {
    if (path === null) return;
    const turn = ++latest.current;
    const settle = (data: T | null, error: Error | null): void => {
      if (turn !== latest.current) return;
      setState((before) => ({
        path,
        data: data ?? (before.path === path ? before.data : null),
        error,
        isLoading: false,
      }));
    };
    get<T>(path).then(
      (data) => {
        settle(data, null);
      },
      (error: unknown) => {
        settle(null, error as Error);
      },
    );
  }, [path]);
  useEffect(() => {
    load();
    if (everyMs === 0) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden && !isPaused.value && !isSelecting()) load();
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [load, everyMs]);
  const isCurrent = state.path === path;
  return {
    data: isCurrent ? state.data : null,
    error: isCurrent ? state.error : null,
    isLoading: !isCurrent || state.isLoading,
    reload: load,
  };
}
