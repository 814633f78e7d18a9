// Hears when lists have changed: one stream for all of a page, held while somebody looks.
import { useEffect, useState } from "preact/hooks";
import { current, may, stream } from "./api";
import { errorOf } from "./api-error";
import { type Data, useData, useVisible } from "./hooks";

/** Where no stream can be had it is tried again after so long, milliseconds. */
const AGAIN = 10_000;
/** With a stream lists are asked for so seldom unasked: in case that it is silent though it should not be. */
const SELDOM = 15_000;
/** After so long a stream that nobody hears is given back: the next page may want it. */
const KEPT = 1_000;

interface Heard {
  /** Counts changes. */
  count: number;
  /** Whether there is a stream. */
  live: boolean;
}

let now: Heard = { count: 0, live: false };
let open: AbortController | undefined;
/** Whose stream that is. */
let openFor = "";
let closing = 0;
const hearers = new Set<(heard: Heard) => void>();

function tell(next: Heard) {
  now = next;
  hearers.forEach((hear) => hear(now));
}

function hear() {
  clearTimeout(closing);
  if (open && openFor !== current().key) close();
  if (open || !may("LIST")) return;
  const abort = (open = new AbortController());
  openFor = current().key;
  let timer = 0;
  let refused = false;
  const run = async () => {
    try {
      await stream("/api/orgs/{slug}/changes", {}, "", abort.signal, () => tell({ count: now.count + 1, live: true }));
    } catch (e) {
      // Then lists are asked for now and then, and say themselves what is wrong.
      refused = [400, 403, 404].includes(errorOf(e).status);
    }
    if (abort.signal.aborted) return;
    tell({ ...now, live: false });
    if (!refused) timer = window.setTimeout(run, AGAIN);
  };
  abort.signal.addEventListener("abort", () => clearTimeout(timer));
  void run();
}

function close() {
  open?.abort();
  open = undefined;
  now = { ...now, live: false };
}

/** @returns how often lists have changed so far, and whether that is heard at once */
export function useChanges(): Heard {
  const [heard, set] = useState(now);
  const visible = useVisible();
  useEffect(() => {
    if (!visible) return undefined;
    hearers.add(set);
    set(now);
    hear();
    return () => {
      hearers.delete(set);
      if (hearers.size === 0) closing = window.setTimeout(close, KEPT);
    };
  }, [visible]);
  return heard;
}

/**
 * Asks for a list, again when lists have changed, and now and then where nobody tells of that.
 *
 * @param every shortest pause where nobody tells of changes, milliseconds; less than 0: not now, what is there stays
 * @param seldom the same where changes are told of, in case that some are not
 */
export function useList<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  on: unknown[],
  every: number,
  seldom = SELDOM,
): Data<T> & { live: boolean } {
  const { count, live } = useChanges();
  const data = useData(ask, on, every < 0 || !live ? every : seldom, count, pauseOfList);
  return { ...data, live };
}

/**
 * Lists change all the time where much is done: each costs a two-hundredth of the time, and comes once in a second at the most. An answer
 * that took long since the machine was busy with others keeps nobody waiting for minutes; one that always does costs a twentieth.
 */
const pauseOfList = (took: number) => Math.max(1_000, Math.min(14_000, 200 * took), Math.min(120_000, 20 * took));
