// Asks the server. Paths and answers have the types of the API's description, so what drifts from it does not compile.
import type { Gets, Posts, Me } from "@schema";
import { ApiError, errorOf } from "./api-error";
import { written } from "./json";
import { answered, beganHere, forget, hostOf, leaveForIssuer, logOutAtIssuer, type OpenId, remember } from "./openid";

const KEY = "millrace.key";

/** What the server says of the key, or of the token that is shown instead. */
export interface Session {
  key: string;
  me: Me;
  /** Of a token; missing: it is a key. */
  token?: {
    /** When it is over, milliseconds since the epoch by the clock of this browser. */
    until: number;
    /** The issuer that gave it. */
    openId: OpenId;
  };
}

let session: Session | undefined;
let onLoggedOut: (why?: string) => void = () => {};

export function current(): Session {
  if (!session) throw new ApiError(401, "UNAUTHENTICATED", "expected somebody to be logged in, but nobody is");
  return session;
}

/** Whether the role has the right. It only decides what is shown: the server decides what is done. */
export function may(right: Me["rights"][number]): boolean {
  return current().me.rights.includes(right);
}

/** @param then hears why nobody is logged in any more, where nobody wanted that */
export function whenLoggedOut(then: (why?: string) => void) {
  onLoggedOut = then;
}

/** The key stays in this tab: it is gone when the tab is closed, and no other tab has it. */
export async function logIn(key: string): Promise<Session> {
  const me = (await ask("GET", "/api/me", key)) as Me;
  sessionStorage.setItem(KEY, key);
  session = { key, me };
  return session;
}

/** @returns the issuer at which people log in, if there is one */
export async function issuer(): Promise<OpenId | null> {
  return ((await ask("GET", "/api/login", "")) as Gets["/api/login"]).openId;
}

/** Sends the browser to the issuer; it comes back to where it is now. */
export async function logInAtIssuer(silent = false): Promise<void> {
  const openId = await issuer();
  if (!openId) {
    throw new ApiError(0, "NO_ISSUER", "Expected an issuer at which people log in, but the server has none any more. Log in with an API key.");
  }
  await leaveForIssuer(openId, silent);
}

/** @returns who has just logged in at the issuer, or is still logged in there; nothing where the person has to be asked */
async function fromIssuer(): Promise<Session | undefined> {
  const answer = answered();
  if (answer === undefined) {
    if (beganHere()) {
      await logInAtIssuer(true).catch((e) => onLoggedOut(errorOf(e).message));
      forget();
    }
    return undefined;
  }
  forget();
  if (answer === "asks") {
    onLoggedOut(ENDED);
    return undefined;
  }
  // Of the two moments that the server's "now" lies between, the earlier one: rather the log-in ends too soon.
  const asked = Date.now();
  const granted = (await ask("POST", "/api/login/token", "", answer.code)) as Posts["/api/login/token"];
  const me = (await ask("GET", "/api/me", granted.token)) as Me;
  session = { key: granted.token, me, token: { until: asked + granted.expiresInMs, openId: answer.openId } };
  remember();
  return session;
}

const ENDED = "Your log-in has ended. Log in again to go on where you were.";

/** The token is over: nothing is asked with it any more. */
export function ended() {
  session = undefined;
  forget();
  onLoggedOut(ENDED);
}

export async function resume(): Promise<Session | undefined> {
  const there = await fromIssuer();
  if (there) return there;
  const key = sessionStorage.getItem(KEY);
  if (!key) return undefined;
  try {
    return await logIn(key);
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) {
      sessionStorage.removeItem(KEY);
      onLoggedOut(UNKNOWN);
      return undefined;
    }
    throw e;
  }
}

const UNKNOWN = "The server does not take this key any more: it has expired, or was revoked.";

/** Somebody wants to go: what was kept is forgotten, and the issuer is told; where it has no place for that, the person is. */
export function logOut() {
  const openId = session?.token?.openId;
  sessionStorage.removeItem(KEY);
  forget();
  session = undefined;
  const there = openId !== undefined && !logOutAtIssuer(openId);
  onLoggedOut(there ? `You are logged out here. You are still logged in at ${hostOf(openId)}.` : undefined);
}

type Query = Record<string, string | number | undefined>;

/** The address of a path: its places filled, and the parameters that have a value. */
export function address(path: string, places: Record<string, string> = {}, query: Query = {}): string {
  const all: Record<string, string> = { slug: session?.me.organisation.slug ?? "", ...places };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(all[name] ?? ""));
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? filled + "?" + text : filled;
}

export async function get<P extends keyof Gets>(
  path: P,
  places: Record<string, string> = {},
  query: Query = {},
  signal?: AbortSignal,
): Promise<Gets[P]> {
  return (await ask("GET", address(path, places, query), current().key, undefined, signal)) as Gets[P];
}

type Parted = { nextCursor: string | null };

/** The answer that comes in parts; how things were at a moment comes whole. */
type PartOf<P extends keyof Gets> = Extract<Gets[P], Parted>;

/** Those paths whose answers come in parts. */
type PartedPath = { [P in keyof Gets]: [PartOf<P>] extends [never] ? never : P }[keyof Gets];

/**
 * A list with its further parts. A part ends early where its items are large, so a page that wants so many asks on.
 *
 * @param field the field that holds the items
 * @param parts how many parts at the most; the cursor tells whether there are more
 */
export async function getParts<P extends PartedPath>(
  path: P,
  places: Record<string, string>,
  query: Query,
  field: keyof PartOf<P>,
  signal?: AbortSignal,
  parts = 5,
): Promise<PartOf<P>> {
  const answer = async (asked: Query) => (await get(path, places, asked, signal)) as PartOf<P>;
  let whole = await answer(query);
  for (let part = 1; part < parts; part++) {
    const cursor = (whole as Parted).nextCursor;
    if (cursor === null) break;
    const next = await answer({ ...query, cursor });
    whole = { ...next, [field]: [...(whole[field] as unknown[]), ...(next[field] as unknown[])] };
  }
  return whole;
}

export async function post<P extends keyof Posts>(
  path: P,
  places: Record<string, string>,
  body: unknown,
  query: Query = {},
): Promise<Posts[P]> {
  return (await ask("POST", address(path, places, query), current().key, body)) as Posts[P];
}

/** What is no JSON, as a text. */
export async function getText(path: keyof Gets, places: Record<string, string>): Promise<string> {
  return await answer("GET", address(path, places), current().key);
}

async function ask(method: string, url: string, key: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
  return parse(await answer(method, url, key, body, signal));
}

async function answer(method: string, url: string, key: string, body?: unknown, signal?: AbortSignal): Promise<string> {
  const headers: Record<string, string> = key ? { Authorization: "Bearer " + key } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : written(body),
      signal,
      cache: "no-store",
    });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new ApiError(0, "UNREACHABLE", "The server does not answer.");
  }
  if (response.ok) return await response.text();
  throw await refusal(response);
}

type Exact = typeof JSON & { rawJSON?: (text: string) => unknown };

/** Numbers that a number of JavaScript cannot hold stay as they are written, where the browser knows how. */
export function parse(text: string): unknown {
  const exact = JSON as Exact;
  const keep = (_: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && context?.source && context.source.length > 15 && exact.rawJSON
      ? exact.rawJSON(context.source)
      : value;
  return JSON.parse(text, keep as (this: unknown, key: string, value: unknown) => unknown);
}

async function refusal(response: Response): Promise<ApiError> {
  if (response.status === 401 && session?.token) ended();
  else if (response.status === 401 && session) {
    sessionStorage.removeItem(KEY);
    session = undefined;
    onLoggedOut(UNKNOWN);
  }
  try {
    const { error } = await response.json();
    return new ApiError(response.status, error.code, error.message, error.position, error.length);
  } catch {
    return new ApiError(response.status, "UNKNOWN", `The server answers ${response.status}.`);
  }
}

/** An event of a stream: its name and its data. */
export interface Sent {
  id: string;
  event: string;
  data: string;
}

/**
 * Reads a stream of server-sent events until it ends, or the signal says so. The browser's own reader cannot show a key.
 * @returns whether it ended because there is nothing more to come
 */
export async function stream(
  path: keyof Gets,
  places: Record<string, string>,
  after: string,
  signal: AbortSignal,
  each: (sent: Sent) => void,
): Promise<boolean> {
  const headers: Record<string, string> = { Authorization: "Bearer " + current().key, Accept: "text/event-stream" };
  if (after) headers["Last-Event-ID"] = after;
  const response = await fetch(address(path, places), { headers, signal, cache: "no-store" });
  if (response.status === 204) return true;
  if (!response.ok || !response.body) throw await refusal(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let sent: Sent = { id: "", event: "message", data: "" };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return false;
    const lines = (rest + value).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (sent.data) each(sent);
        sent = { id: sent.id, event: "message", data: "" };
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const text = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") sent.data += (sent.data ? "\n" : "") + text;
      else if (field === "event") sent.event = text;
      else if (field === "id") sent.id = text;
    }
  }
}
