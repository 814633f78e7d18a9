// Where JSON is written: it shows what is wrong at its place.
import { useId, useState } from "preact/hooks";
import { ApiError } from "./api-error";
import { type Fault, faultIn, JsonText, lineOf } from "./json";

/** A text, of which a part is wrong. Of several lines only that one is shown. */
export function FaultAt({ id, text, fault }: { id: string; text: string; fault: Fault }) {
  const { begin, end } = lineOf(text, fault.position);
  const wrong = Math.min(end, fault.position + fault.length);
  return (
    <div class="fault" id={id} role="alert">
      <code aria-hidden="true">
        {text.slice(begin, fault.position)}
        <mark>{text.slice(fault.position, wrong) || "\u00a0"}</mark>
        {text.slice(Math.max(wrong, fault.position), end)}
      </code>
      <p>{fault.message}</p>
    </div>
  );
}

function placeOf(text: string, fault: Fault): string {
  const { line, column } = lineOf(text, fault.position);
  return `line ${line}, character ${column}`;
}

/**
 * @param label what the field is called
 * @returns what is sent for the text: as it stands, or nothing for an empty one; throws what people can read
 */
export function jsonOf(text: string, label: string): JsonText | undefined {
  if (text.trim() === "") return undefined;
  const fault = faultIn(text);
  if (fault) throw new ApiError(0, "JSON", `Expected JSON as ${label}, but it is none from ${placeOf(text, fault)} on.`);
  return new JsonText(text);
}

/** What is shown of a payload that was erased. */
function isErased(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "erasedAt";
}

/** @returns a payload as it is filled in, to be changed: nothing of one that was erased, since what stands there is none */
export function filledIn(value: unknown): string {
  return isErased(value) ? "" : JSON.stringify(value ?? null, null, 2);
}

export function JsonField({
  name,
  label,
  value,
  set,
  rows = 5,
  placeholder,
}: {
  name: string;
  label: string;
  value: string;
  set: (value: string) => void;
  rows?: number;
  placeholder?: string;
}) {
  const [left, leave] = useState(false);
  const says = useId();
  // Nobody is told that what he has not finished is wrong.
  const fault = left && value.trim() !== "" ? faultIn(value) : undefined;
  return (
    <div class="json">
      <label>
        {label}
        <textarea
          rows={rows}
          name={name}
          value={value}
          placeholder={placeholder}
          spellcheck={false}
          aria-invalid={fault !== undefined}
          aria-describedby={fault ? says : undefined}
          onInput={(e) => set(e.currentTarget.value)}
          onBlur={() => leave(true)}
        />
      </label>
      {fault && <FaultAt id={says} text={value} fault={{ ...fault, message: `In ${placeOf(value, fault)}: ${fault.message}.` }} />}
    </div>
  );
}
