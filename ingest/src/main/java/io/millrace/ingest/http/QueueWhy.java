package io.millrace.ingest.http;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Why work waits in a queue.
 *
 * @param queue its name
 * @param paused since when nothing of it is handed out, by whom and why, for people; empty where it is handed out
 * @param minutes so far back goes what came, was taken and ended
 * @param work by kind of work: workflows, then tasks
 */
record QueueWhy(String queue, String paused, int minutes, List<Work> work) {

    /**
     * Work of one kind.
     *
     * @param tasks whether it is tasks
     * @param ready how much waits for a worker
     * @param oldestMs since when the oldest of it does, milliseconds since the epoch; 0: none
     * @param held how much workers have, as far as the read model has come
     * @param came how much was started or submitted of late
     * @param taken how much a worker took for the first time of late
     * @param ended how much ended of late
     * @param takers who could take what waits, by kind
     */
    record Work(
            boolean tasks,
            long ready,
            long oldestMs,
            long held,
            long came,
            long taken,
            long ended,
            List<Takers> takers) {

        private String name(long count) {
            return count + (tasks ? " task" : " workflow") + (count == 1 ? "" : "s");
        }
    }

    /**
     * Who could take work of a kind.
     *
     * @param waiting how much of it waits, as far as the read model has come
     * @param living workers that registered the kind and live
     * @param lastSeenMs when one that registered it was seen last, milliseconds since the epoch; 0: never
     * @param paused since when nothing of the kind is handed out, by whom and why, for people; empty where it is handed out
     */
    record Takers(String kind, long waiting, int living, long lastSeenMs, String paused) {}

    /** Copies the list. */
    QueueWhy {
        work = List.copyOf(work);
    }

    /** @return the cause in a few sentences */
    String sentence(long nowMs) {
        List<String> said = new ArrayList<>();
        List<Work> waiting = work.stream().filter(each -> each.ready > 0).toList();
        if (waiting.isEmpty()) {
            said.add("Nothing waits in queue " + queue + ".");
        }
        for (Work each : waiting) {
            said.add("In queue " + queue + " " + each.name(each.ready) + (each.ready == 1 ? " waits" : " wait")
                    + " for a worker, the oldest since " + Instant.ofEpochMilli(each.oldestMs) + ", "
                    + ago(nowMs - each.oldestMs) + ".");
        }
        if (!paused.isEmpty()) {
            said.add("It is paused " + paused + "; nothing of it is handed out until it is resumed.");
        }
        waiting.forEach(each -> said.addAll(causes(each)));
        return String.join(" ", said);
    }

    private List<String> causes(Work each) {
        List<String> causes = new ArrayList<>();
        List<Takers> without =
                each.takers.stream().filter(takers -> takers.living == 0).toList();
        for (Takers takers : without) {
            causes.add("No worker is known to live that registered the " + (each.tasks ? "task" : "workflow") + " kind "
                    + takers.kind + ", of which " + takers.waiting + (takers.waiting == 1 ? " waits." : " wait."));
        }
        List<Takers> held =
                each.takers.stream().filter(takers -> !takers.paused.isEmpty()).toList();
        for (Takers takers : held) {
            causes.add("The " + (each.tasks ? "task" : "workflow") + " kind " + takers.kind + " is paused "
                    + takers.paused + "; nothing of it is handed out until it is resumed.");
        }
        if (paused.isEmpty() && held.isEmpty() && without.isEmpty() && !each.takers.isEmpty()) {
            String pace = "In the last " + minutes + " minutes " + each.name(each.came) + " came and " + each.taken
                    + (each.taken == 1 ? " was" : " were") + " taken, while " + each.held
                    + (each.held == 1 ? " is" : " are") + " with workers";
            causes.add(pace
                    + (each.came > each.taken
                            ? ": more comes than the workers take."
                            : each.taken == 0 ? ": its workers live, and take nothing." : "."));
        }
        return causes;
    }

    private static String ago(long ms) {
        Duration length = Duration.ofMillis(Math.max(0, ms));
        return length.toMinutes() > 0 ? length.toMinutes() + " minutes ago" : length.toSeconds() + " seconds ago";
    }
}
