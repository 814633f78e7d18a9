// Queries as texts: in which order their rows come, and what else narrows them.
import { quoted } from "./text";

const ORDER = /\s*\bORDER\s+BY\s+([\w.]+)(?:\s+(ASC|DESC))?\s*$/i;

/** By which field, and whether the largest comes first. */
export interface Order {
  field: string;
  down: boolean;
}

/** @returns the order that a query says, if it says one */
export function orderOf(q: string): Order | undefined {
  const said = ORDER.exec(q);
  return said?.[1] ? { field: said[1].toLowerCase(), down: said[2]?.toUpperCase() === "DESC" } : undefined;
}

/** @returns the query in another order; undefined: that of a query that says none */
export function ordered(q: string, order: Order | undefined): string {
  const condition = q.replace(ORDER, "").trim();
  return order ? `${condition} ORDER BY ${order.field} ${order.down ? "DESC" : "ASC"}`.trim() : condition;
}

/** What is chosen beside a query. */
export interface Narrowed {
  status: string;
  kind: string;
  queue: string;
}

/** @returns the query of a list for a bulk job: without its order, and with what is chosen beside it */
export function queryOf(q: string, chosen: Narrowed): string {
  const condition = ordered(q, undefined);
  const beside = Object.entries(chosen)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name} = ${quoted(value)}`);
  if (beside.length === 0) return condition || "created <= now";
  return [...beside, ...(condition ? [`(${condition})`] : [])].join(" AND ");
}
