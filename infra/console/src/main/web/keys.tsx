// API keys: who has which, and for how long; make, give another end, revoke.
import { useState } from "preact/hooks";
import type { Key, KeyCreated, KeyPending, Keys } from "@schema";
import { ActionDialog, body, type Closing, seenVersion } from "./actions";
import { current, get, may, post } from "./api";
import { to, useData, useDialog } from "./hooks";
import { Ago, Copy, Dialog, Facts, Forbidden, Loading, Moment, NONE, Page, Problem, Table } from "./parts";
import { some, words } from "./text";

const DAY = 86_400_000;
const LIVES: Array<[number, string]> = [
  [DAY / 24, "1 hour"],
  [DAY, "1 day"],
  [7 * DAY, "7 days"],
  [30 * DAY, "30 days"],
  [90 * DAY, "90 days"],
  [365 * DAY, "1 year"],
];
const USUAL = 90 * DAY;

/** What a user may be; only an owner makes owners. */
const ROLES = ["MEMBER", "AUDITOR", "OPERATOR", "ADMIN", "OWNER"] as const;

type Action = { is: "make" } | { is: "expire" | "revoke"; key: Key };

const tone = (status: Key["status"]) => (status === "ACTIVE" ? "good" : "");

export function KeyList() {
  const keys = useData<Keys>((signal) => get("/api/orgs/{slug}/keys", {}, {}, signal), [], may("KEYS") ? 5_000 : -1);
  const { dialog, show, said, close, done } = useDialog<Action>(keys.again);
  const [made, setMade] = useState<KeyCreated | KeyPending>();
  if (!may("KEYS")) return <Forbidden what="API keys" />;
  const all = keys.value?.keys ?? [];
  const lasting = keys.value?.accessFile ?? [];
  return (
    <Page
      title="API keys"
      beside={
        <button type="button" class="main" onClick={() => show({ is: "make" })}>
          Make a key…
        </button>
      }
    >
      <p class="said" role="status">
        {said}
      </p>
      <Problem error={keys.error} again={keys.again} />
      {!keys.value && !keys.error && <Loading />}
      {keys.value && all.length === 0 && (
        <div class="empty">
          <p>No key was made while the server ran.</p>
        </div>
      )}
      {all.length > 0 && (
        <Table label="API keys" heads={["Key", "Status", "Stands for", "Name", "Kept to", "Made", "Ends", "Do"]}>
          {all.map((key) => (
            <tr key={key.id}>
              <th scope="row">
                <code title={key.id}>{key.key}</code>
              </th>
              <td>
                <span class={"dot first " + tone(key.status)}>{words(key.status)}</span>
              </td>
              <td>
                <Whom of={key} />
              </td>
              <td class="wide">{key.name || NONE}</td>
              <td class="wide">
                <Scope of={key} />
              </td>
              <td>
                <Ago time={key.createdAt} />
                <br />
                <span class="soft">by {key.createdBy}</span>
              </td>
              <td>
                <End of={key} />
              </td>
              <td>
                {key.status === "REVOKED" ? (
                  NONE
                ) : key.role === "OWNER" && current().me.role !== "OWNER" ? (
                  <span class="soft">not by this role</span>
                ) : (
                  <div class="buttons decide">
                    <button type="button" aria-label={`End of ${key.key}…`} onClick={() => show({ is: "expire", key })}>
                      End…
                    </button>
                    <button type="button" class="danger" aria-label={`Revoke ${key.key}…`} onClick={() => show({ is: "revoke", key })}>
                      Revoke…
                    </button>
                  </div>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {lasting.length > 0 && (
        <>
          <h2>Of the access file</h2>
          <p class="soft">These are there from the start of each node, and change only with that file.</p>
          <Table label="Keys of the access file" heads={["Key", "Stands for", "Kept to"]}>
            {lasting.map((key) => (
              <tr key={key.key}>
                <th scope="row">
                  <code>{key.key}</code>
                </th>
                <td>
                  <Whom of={key} />
                </td>
                <td class="wide">
                  <Scope of={key} />
                </td>
              </tr>
            ))}
          </Table>
        </>
      )}
      {dialog?.is === "make" && (
        <MakeDialog
          close={close}
          made={(key) => {
            close();
            setMade(key);
            keys.again();
          }}
        />
      )}
      {dialog?.is === "expire" && <ExpireDialog of={dialog.key} close={close} done={done} />}
      {dialog?.is === "revoke" && <RevokeDialog of={dialog.key} close={close} done={done} />}
      {made && <MadeDialog of={made} close={() => setMade(undefined)} />}
    </Page>
  );
}

function Whom({ of }: { of: { principalType: "USER" | "WORKER"; principalId: string; role: string } }) {
  return (
    <>
      {of.principalId}
      <br />
      <span class="soft">
        {words(of.principalType)}
        {of.principalType === "USER" && ", " + of.role}
      </span>
    </>
  );
}

function Scope({ of }: { of: { queues: string[]; kinds: string[] } }) {
  const names = [...of.queues.map((name) => "queue " + name), ...of.kinds.map((name) => "kind " + name)];
  return names.length === 0 ? NONE : <>{names.map((name) => <span class="tag" key={name}>{name}</span>)}</>;
}

function End({ of }: { of: Key }) {
  if (of.status === "REVOKED") {
    return (
      <>
        <Ago time={of.revokedAt} />
        <br />
        <span class="soft">by {of.revokedBy}</span>
      </>
    );
  }
  return of.expiresAt ? <Ago time={of.expiresAt} /> : <>never</>;
}

function Life({ chosen, choose, never }: { chosen: number; choose: (millis: number) => void; never?: boolean }) {
  return (
    <label>
      Ends after
      <select name="life" value={chosen} onChange={(e) => choose(Number(e.currentTarget.value))}>
        {LIVES.map(([millis, label]) => (
          <option key={millis} value={millis}>
            {label}
          </option>
        ))}
        {never && <option value={0}>never</option>}
      </select>
    </label>
  );
}

const names = (text: string) =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name);

function MakeDialog({ close, made }: { close: () => void; made: (key: KeyCreated | KeyPending) => void }) {
  const [type, setType] = useState<"USER" | "WORKER">("USER");
  const [principal, setPrincipal] = useState("");
  const [role, setRole] = useState<(typeof ROLES)[number]>("MEMBER");
  const [name, setName] = useState("");
  const [queues, setQueues] = useState("");
  const [kinds, setKinds] = useState("");
  const [life, setLife] = useState(USUAL);
  const worker = type === "WORKER";
  return (
    <ActionDialog
      close={close}
      done={close}
      title="Make an API key"
      about="It is shown once, and counts on all nodes within moments. The server keeps no more than its hash."
      label="Make the key"
      send={async (asking) => {
        made(
          await post("/api/orgs/{slug}/keys", {}, {
            ...body(asking),
            principalType: type,
            principalId: principal.trim(),
            ...(worker ? { queues: names(queues), kinds: names(kinds) } : { role }),
            name: name.trim(),
            ...(life ? { expiresInMs: life } : {}),
          }),
        );
        return undefined;
      }}
    >
      <label>
        It stands for
        <select name="type" value={type} autofocus onChange={(e) => setType(e.currentTarget.value as "USER" | "WORKER")}>
          <option value="USER">a user</option>
          <option value="WORKER">a worker</option>
        </select>
      </label>
      <label>
        {worker ? "Who the worker is" : "Who the user is"}
        <input
          type="text"
          name="principal"
          required
          maxLength={255}
          spellcheck={false}
          value={principal}
          placeholder="As the audit trail is to name it"
          onInput={(e) => setPrincipal(e.currentTarget.value)}
        />
      </label>
      {worker ? (
        <>
          <label>
            Only these queues
            <input
              type="text"
              name="queues"
              spellcheck={false}
              value={queues}
              placeholder="All; several with commas between"
              onInput={(e) => setQueues(e.currentTarget.value)}
            />
          </label>
          <label>
            Only these kinds
            <input
              type="text"
              name="kinds"
              spellcheck={false}
              value={kinds}
              placeholder="All; several with commas between"
              onInput={(e) => setKinds(e.currentTarget.value)}
            />
          </label>
        </>
      ) : (
        <label>
          Role
          <select name="role" value={role} onChange={(e) => setRole(e.currentTarget.value as (typeof ROLES)[number])}>
            {ROLES.filter((one) => one !== "OWNER" || current().me.role === "OWNER").map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        What it is for
        <input type="text" name="name" maxLength={255} value={name} onInput={(e) => setName(e.currentTarget.value)} />
      </label>
      <Life chosen={life} choose={setLife} never />
    </ActionDialog>
  );
}

/** The only place where the key itself is seen; it is gone when this is closed. */
function MadeDialog({ of, close }: { of: KeyCreated | KeyPending; close: () => void }) {
  const waits = "approvalId" in of;
  return (
    <Dialog title={waits ? "The key waits for an approval" : "The key is made"} close={close}>
      {waits && (
        <p>
          It counts for nothing yet: somebody else has to <a href={to(["approvals"])}>approve</a> it until{" "}
          <Moment time={of.expiresAt} />, since who reports what became of work can end workflows.
        </p>
      )}
      <p>Keep it now: it is not shown again, and nobody can find it out.</p>
      <p class="secret">
        <code>{of.secret}</code> <Copy text={of.secret} label="Copy the key" />
      </p>
      {!waits && (
        <Facts
          rows={[
            ["Stands for", <Whom of={of} />],
            ["The trail calls it", <code>{of.key}</code>],
            ["Ends", of.expiresAt ? <Moment time={of.expiresAt} /> : "never"],
          ]}
        />
      )}
      <div class="buttons">
        <button type="button" class="main" onClick={close}>
          I have kept it
        </button>
      </div>
    </Dialog>
  );
}

function ExpireDialog({ of, ...closing }: Closing & { of: Key }) {
  const [life, setLife] = useState(DAY);
  return (
    <ActionDialog
      {...closing}
      title={`Give ${of.key} another end`}
      about="Counted from now, so that there is time to hand out the next one before this one is over."
      label="Set the end"
      version={of.version}
      send={async (asking) => {
        await post("/api/orgs/{slug}/keys/{id}/expire", { id: of.id }, { ...body(asking), expiresInMs: life }, seenVersion(asking));
        return `${of.key} has another end.`;
      }}
    >
      <Life chosen={life} choose={setLife} />
    </ActionDialog>
  );
}

function RevokeDialog({ of, ...closing }: Closing & { of: Key }) {
  const scope = of.queues.length + of.kinds.length;
  return (
    <ActionDialog
      {...closing}
      title={`Revoke ${of.key}`}
      about={
        "It lets nobody in any more, on all nodes within moments, and for ever." +
        ` It stands for ${of.principalId}${scope ? ", kept to " + some(scope, "name") : ""}.`
      }
      label="Revoke the key"
      danger
      version={of.version}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/keys/{id}/revoke", { id: of.id }, body(asking), seenVersion(asking));
        return `${of.key} ${answer.changed ? "is revoked" : "was revoked already"}.`;
      }}
    />
  );
}
