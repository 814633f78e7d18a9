// Queries that have names in the organisation, beside the bar where queries are written.
import { useState } from "preact/hooks";
import type { SavedQueries as All, SavedQuery } from "@schema";
import { ActionDialog, body, type Closing, seenVersion } from "./actions";
import { get, may, post } from "./api";
import { useData, useDialog } from "./hooks";

export function SavedQueries({ what, q, go }: { what: "workflow" | "task"; q: string; go: (query: string) => void }) {
  const found = useData<All>((signal) => get("/api/orgs/{slug}/saved-queries", {}, {}, signal), [], 10_000);
  const { dialog, show, said, close, done } = useDialog<"save" | "delete">(found.again);
  const subject = what === "workflow" ? "WORKFLOWS" : "TASKS";
  const all = (found.value?.savedQueries ?? []).filter((one) => one.subject === subject);
  const chosen = all.find((one) => one.query === q);
  return (
    <div class="saved">
      {all.length > 0 && (
        <label>
          <span class="hidden">Saved queries</span>
          <select
            value={chosen?.name ?? ""}
            onChange={(e) => {
              const one = all.find((each) => each.name === e.currentTarget.value);
              if (one) go(one.query);
            }}
          >
            <option value="">Saved queries…</option>
            {all.map((one) => (
              <option key={one.name} value={one.name} title={one.about ?? one.query}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      )}
      {may("CANCEL") && q && !chosen && (
        <button type="button" class="plain" onClick={() => show("save")}>
          Save this query…
        </button>
      )}
      {may("CANCEL") && chosen && (
        <button type="button" class="plain" onClick={() => show("delete")}>
          Forget {chosen.name}…
        </button>
      )}
      <span class="soft" role="status">
        {said}
      </span>
      {dialog === "save" && <SaveDialog subject={subject} q={q} there={found.value} close={close} done={done} />}
      {dialog === "delete" && chosen && <DeleteDialog of={chosen} close={close} done={done} />}
    </div>
  );
}

function SaveDialog({ subject, q, there, ...closing }: Closing & { subject: "WORKFLOWS" | "TASKS"; q: string; there: All | undefined }) {
  const [name, setName] = useState("");
  const [about, setAbout] = useState("");
  return (
    <ActionDialog
      {...closing}
      title="Save this query"
      about="Everybody in the organisation finds it by its name. A name that is there already stands for this query from then on."
      label="Save the query"
      reasons={false}
      send={async () => {
        const version = there && (there.savedQueries.find((one) => one.name === name.trim())?.version ?? 0);
        await post("/api/orgs/{slug}/saved-queries", {}, { name: name.trim(), subject, query: q, about: about.trim() }, { version });
        return `Saved as ${name.trim()}.`;
      }}
    >
      <p>
        <code>{q}</code>
      </p>
      <label>
        Name
        <input type="text" name="name" required maxLength={255} autofocus value={name} onInput={(e) => setName(e.currentTarget.value)} />
      </label>
      <label>
        What it is for
        <input type="text" name="about" maxLength={255} value={about} onInput={(e) => setAbout(e.currentTarget.value)} />
      </label>
    </ActionDialog>
  );
}

function DeleteDialog({ of, ...closing }: Closing & { of: SavedQuery }) {
  return (
    <ActionDialog
      {...closing}
      title={`Forget ${of.name}`}
      about="The name stands for no query any more, for everybody in the organisation."
      label="Forget the query"
      version={of.version}
      keep="Keep it"
      danger
      send={async (asking) => {
        await post("/api/orgs/{slug}/saved-queries/{name}/delete", { name: of.name }, body(asking), seenVersion(asking));
        return `${of.name} is forgotten.`;
      }}
    />
  );
}
