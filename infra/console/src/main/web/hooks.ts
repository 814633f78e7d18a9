// What several pages need: the address, data that are asked for again and again, and the time.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type ApiError, errorOf } from "./api-error";

/** The place in the console that the address names: a path and parameters, behind the #. */
export interface Place {
  path: string[];
  query: URLSearchParams;
}

function placeOf(hash: string): Place {
  const text = hash.replace(/^#\/?/, "");
  const cut = text.indexOf("?");
  const path = (cut < 0 ? text : text.slice(0, cut)).split("/").filter((part) => part).map(decode);
  return { path, query: new URLSearchParams(cut < 0 ? "" : text.slice(cut + 1)) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a place in the console. */
export function to(path: string[], query: Record<string, string | undefined> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) params.set(name, value);
  const text = params.toString();
  return "#/" + path.map(encodeURIComponent).join("/") + (text ? "?" + text : "");
}

export function usePlace(): Place {
  const [hash, set] = useState(() => location.hash);
  useEffect(() => {
    const changed = () => set(location.hash);
    addEventListener("hashchange", changed);
    changed(); // The address may have changed between the drawing and now.
    return () => removeEventListener("hashchange", changed);
  }, []);
  return useMemo(() => placeOf(hash), [hash]);
}

export interface Data<T> {
  value: T | undefined;
  error: ApiError | undefined;
  /** How long the last answer took, milliseconds. */
  took: number;
  again: () => void;
}

/** After so long what is not there is not too new, but missing, milliseconds. */
const TOO_NEW = 30_000;

/**
 * Asks for something, and again after a while. It waits a hundred times as long as the answer took, so that an open page costs
 * the server little, and it does not ask while nobody looks.
 * @param every shortest pause in milliseconds; 0: only once; less: not now, what is there stays
 * @param step each further number says that there is something new. What is being asked then is waited for, since an answer that
 *   comes later than the next step would else never be shown
 * @param pause how long there is between two answers, if each step asks anew, by how long one took, milliseconds
 */
export function useData<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  on: unknown[],
  every = 0,
  step = 0,
  pause = (took: number) => 10 * took,
): Data<T> {
  const [state, set] = useState<{ value?: T; error?: ApiError; took: number }>({ took: 0 });
  const [count, setCount] = useState(0);
  const again = useCallback(() => setCount((n) => n + 1), []);
  const asked = useRef(ask);
  asked.current = ask;
  // A pause that begins now has the new length. What is being asked goes on.
  const length = useRef(every);
  length.current = every;
  const first = useRef<unknown[]>([]);
  const stepped = useRef(() => {});
  useEffect(() => {
    if (every < 0) return undefined;
    const abort = new AbortController();
    let timer = 0;
    let busy = false;
    let missed = false;
    let refused = false;
    let missingSince = 0;
    let soonest = 0;
    if (on.some((one, i) => one !== first.current[i])) {
      first.current = on;
      set((old) => ({ ...old, error: undefined }));
    }
    const run = async () => {
      if (document.hidden) {
        timer = window.setTimeout(run, 1_000);
        return;
      }
      const begin = performance.now();
      busy = true;
      missed = false;
      try {
        const value = await asked.current(abort.signal);
        if (abort.signal.aborted) return;
        set({ value, took: performance.now() - begin });
        missingSince = 0;
      } catch (e) {
        if (abort.signal.aborted) return;
        const error = errorOf(e);
        set((old) => ({ ...old, error }));
        // What was refused is refused again, and each time the log notes it. But what is not there may only be too new.
        if (error.status === 404) missingSince ||= begin;
        refused =
          error.status === 404
            ? begin - missingSince > TOO_NEW
            : error.status >= 400 && error.status < 500 && error.status !== 429;
      }
      busy = false;
      const end = performance.now();
      soonest = end + pause(end - begin);
      if (refused) return;
      if (missed) timer = window.setTimeout(run, soonest - end);
      else if (length.current > 0) timer = window.setTimeout(run, Math.max(length.current, 100 * (end - begin)));
    };
    stepped.current = () => {
      missed = true;
      if (busy || refused) return;
      clearTimeout(timer);
      timer = window.setTimeout(run, Math.max(0, soonest - performance.now()));
    };
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
      stepped.current = () => {};
    };
  }, [...on, count, Math.sign(every)]);
  const last = useRef(step);
  useEffect(() => {
    if (step !== last.current) stepped.current();
    last.current = step;
  }, [step]);
  return { value: state.value, error: state.error, took: state.took, again };
}

/** @returns whether the page can be seen: a tab in the background asks for nothing, and holds nothing open */
export function useVisible(): boolean {
  const [visible, set] = useState(!document.hidden);
  useEffect(() => {
    const changed = () => set(!document.hidden);
    addEventListener("visibilitychange", changed);
    return () => removeEventListener("visibilitychange", changed);
  }, []);
  return visible;
}

/** A dialog of which one may be shown at a time, and what came of the last one. */
export function useDialog<D>(after: () => void) {
  const [dialog, show] = useState<D>();
  const [said, say] = useState<ComponentChildren>("");
  const close = () => show(undefined);
  const done = (text: ComponentChildren) => {
    close();
    say(text);
    after();
  };
  return { dialog, show, said, close, done };
}

/** @returns a key that nobody else has */
const freshKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");

/**
 * Gives idempotency keys for what is sent: the same one as long as that stays the same. So who presses again, since an answer got
 * lost, asks for it once; and who has changed something meanwhile asks for something else.
 */
export function useKeyFor(): (content: unknown) => string {
  const last = useRef({ of: "", key: "" });
  return (content) => {
    const of = JSON.stringify(content);
    if (last.current.of !== of) last.current = { of, key: freshKey() };
    return last.current.key;
  };
}

export interface Sending {
  busy: boolean;
  error: ApiError | undefined;
  /** Sends; what goes wrong stands in the error until something is sent again. */
  send: () => void;
}

/** Sends something when asked to, once at a time. */
export function useSending(what: () => Promise<void>): Sending {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const send = () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    what().then(
      () => setBusy(false),
      (e) => {
        setError(errorOf(e));
        setBusy(false);
      },
    );
  };
  return { busy, error, send };
}

/** The time, again each so many milliseconds: what shows ages goes on. */
export function useNow(every = 1_000): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && set(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** Something that this browser remembers, such as which columns are shown. */
export function useRemembered<T>(name: string, otherwise: T): [T, (value: T) => void] {
  const [value, set] = useState<T>(() => {
    try {
      const text = localStorage.getItem("millrace." + name);
      return text === null ? otherwise : (JSON.parse(text) as T);
    } catch {
      return otherwise;
    }
  });
  const keep = useCallback(
    (next: T) => {
      set(next);
      try {
        localStorage.setItem("millrace." + name, JSON.stringify(next));
      } catch {
        // A browser that keeps nothing shows it all the same.
      }
    },
    [name],
  );
  return [value, keep];
}
