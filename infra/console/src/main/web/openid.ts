// Logs in at an OpenID issuer, by an authorization code with PKCE. The token is kept in the memory of this page alone; what a log-in
// under way has to know when the issuer sends the browser back stays in this tab. A page that is loaded anew asks the issuer again,
// without a question to the person, who is still logged in there.
import type { WaysToLogIn } from "@schema";
import { ApiError } from "./api-error";

export type OpenId = NonNullable<WaysToLogIn["openId"]>;

const ATTEMPT = "millrace.login";
/** Says that somebody has logged in so in this tab, and nothing else. */
const AT_ISSUER = "millrace.openid";
/** What an issuer answers that would have to ask the person something. */
const ASKS = ["login_required", "interaction_required", "consent_required", "account_selection_required"];

interface Attempt {
  openId: OpenId;
  state: string;
  nonce: string;
  verifier: string;
  /** Where in the console it goes on. */
  place: string;
  /** Whether the issuer was to ask nothing. */
  silent: boolean;
}

/** What the issuer gave for a log-in that this tab began. */
export interface Answer {
  openId: OpenId;
  code: Code;
}

/** What the server has the issuer redeem. */
interface Code {
  code: string;
  verifier: string;
  nonce: string;
  redirectUri: string;
}

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const random = () => base64(crypto.getRandomValues(new Uint8Array(32)));

/** The issuer has to know this address. */
const home = () => location.origin + "/";

export const beganHere = () => sessionStorage.getItem(AT_ISSUER) !== null;
export const remember = () => sessionStorage.setItem(AT_ISSUER, "yes");
export const forget = () => sessionStorage.removeItem(AT_ISSUER);

/** @returns the host at which people log in */
export const hostOf = (openId: OpenId) => new URL(openId.authorizationEndpoint).host;

/** Sends the browser to the issuer. What is behind it never happens: the page is left. */
export async function leaveForIssuer(openId: OpenId, silent: boolean): Promise<never> {
  if (!crypto.subtle) {
    throw new ApiError(0, "INSECURE", "Expected this page by https://, without which browsers cannot log in at an issuer.");
  }
  const attempt: Attempt = { openId, state: random(), nonce: random(), verifier: random(), place: location.hash, silent };
  sessionStorage.setItem(ATTEMPT, JSON.stringify(attempt));
  const challenge = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(attempt.verifier));
  const to = new URL(openId.authorizationEndpoint);
  const asked: Record<string, string> = {
    response_type: "code",
    client_id: openId.clientId,
    redirect_uri: home(),
    scope: openId.scope,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: base64(new Uint8Array(challenge)),
    code_challenge_method: "S256",
    ...(silent ? { prompt: "none" } : {}),
  };
  for (const [name, value] of Object.entries(asked)) to.searchParams.set(name, value);
  location.assign(to.href);
  return new Promise(() => {});
}

/**
 * Sends the browser to where people log out at the issuer. No token stands in the address.
 * @returns whether there is such a place
 */
export function logOutAtIssuer(openId: OpenId): boolean {
  if (!openId.endSessionEndpoint) return false;
  const to = new URL(openId.endSessionEndpoint);
  to.searchParams.set("client_id", openId.clientId);
  to.searchParams.set("post_logout_redirect_uri", home());
  location.assign(to.href);
  return true;
}

/**
 * Reads what the issuer answered, if it has just sent the browser here, and takes it out of the address.
 * @returns what to redeem; nothing where the issuer would have had to ask the person, or has not sent anybody
 * @throws what is wrong with the answer
 */
export function answered(): Answer | "asks" | undefined {
  const said = new URLSearchParams(location.search);
  if (!said.has("state") || !(said.has("code") || said.has("error"))) return undefined;
  const text = sessionStorage.getItem(ATTEMPT);
  sessionStorage.removeItem(ATTEMPT);
  const attempt = text === null ? undefined : (JSON.parse(text) as Attempt);
  history.replaceState(null, "", location.pathname + (attempt?.place ?? ""));
  if (!attempt || said.get("state") !== attempt.state) {
    throw new ApiError(0, "STRANGE", "Expected the answer to a log-in that began in this tab, but it is of another one. Log in again.");
  }
  const issuer = said.get("iss");
  if (issuer !== null && issuer !== attempt.openId.issuer) {
    throw new ApiError(0, "STRANGE", `Expected an answer of ${attempt.openId.issuer}, but it is of ${issuer}.`);
  }
  const error = said.get("error");
  if (error !== null) {
    if (attempt.silent && ASKS.includes(error)) return "asks";
    throw new ApiError(0, "REFUSED", `The issuer says: ${[error, said.get("error_description")].filter((part) => part).join(", ")}.`);
  }
  const code = { code: said.get("code") ?? "", verifier: attempt.verifier, nonce: attempt.nonce, redirectUri: home() };
  return { openId: attempt.openId, code };
}
