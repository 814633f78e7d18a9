// Workers by their names, where ids say nothing to people.
import { useMemo } from "preact/hooks";
import type { Workers } from "@schema";
import { getParts, may } from "./api";
import { useData } from "./hooks";

/** So many workers are known by their names, the newest. */
const MOST = 500;

/** @returns what a worker is called by its id: its name with the end of the id, since several may have one name; else the id */
export type NameOf = (id: string) => string;

export function useWorkerNames(): NameOf {
  const listed = may("LIST");
  const workers = useData<Workers>((signal) => getParts("/api/orgs/{slug}/workers", {}, { limit: MOST }, "workers", signal, 1), [], listed ? 0 : -1);
  return useMemo(() => {
    const names = new Map(workers.value?.workers.map((worker) => [worker.id, worker.name]));
    return (id) => {
      const name = names.get(id);
      return name ? `${name} …${id.slice(-6)}` : id;
    };
  }, [workers.value]);
}
