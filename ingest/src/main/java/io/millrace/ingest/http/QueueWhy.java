package io.millrace.ingest.http;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why work waits in a queue.
 *
 * @param queue its name
 * @param paused since when nothing of it is handed out, by whom and why, for people; empty where it is handed out
 * @param limit how much of it is handed out at the most, as a sentence; empty where that is not limited
 * @param minutes so far back goes what came, was taken and ended
 * @param work by kind of work: workflows, then tasks
 */
record QueueWhy(String queue, String paused, String limit, int minutes, List<Work> work) {

    /**
     * Work of one kind.
     *
     * @param tasks whether it is tasks
     * @param ready how much waits for a worker
     * @param oldestMs since when the oldest of it does, milliseconds since the epoch; 0: none
     * @param pollers whether somebody polls for it
     * @param pace how much came and went of late; null where the read model does not answer
     */
    record Work(
            boolean tasks,
            long ready,
            long oldestMs,
            QueuePollers pollers,
            @Nullable Pace pace) {

        private String name(long count) {
            return count + (tasks ? " task" : " workflow") + (count == 1 ? "" : "s");
        }
    }

    /**
     * How much came and went of late, as far as the read model has come.
     *
     * @param held how much workers have
     * @param came how much was started or submitted
     * @param taken how much a worker took for the first time
     * @param ended how much ended
     * @param takers who could take what waits, by kind
     */
    record Pace(long held, long came, long taken, long ended, List<Takers> takers) {

        /** Copies the list. */
        Pace {
            takers = List.copyOf(takers);
        }
    }

    /**
     * Who could take work of a kind.
     *
     * @param pending how much of it is pending: it waits for a worker, or for its time
     * @param living workers that registered the kind and live
     * @param lastSeenMs when one that registered it was seen last, milliseconds since the epoch; 0: never
     * @param paused since when nothing of the kind is handed out, by whom and why, for people; empty where it is handed out
     */
    record Takers(String kind, long pending, int living, long lastSeenMs, String paused) {}

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
        if (!waiting.isEmpty() && !limit.isEmpty()) {
            said.add(limit);
        }
        waiting.forEach(each -> said.addAll(causes(each)));
        return String.join(" ", said);
    }

    private List<String> causes(Work each) {
        Pace pace = each.pace;
        List<String> causes = new ArrayList<>();
        String unpolled = each.pollers.sentence(queue, each.tasks);
        if (!unpolled.isEmpty()) {
            causes.add(unpolled);
        }
        if (pace == null) {
            causes.add("The read model does not answer now, so who takes it and how fast is not known.");
            return causes;
        }
        String kindName = each.tasks ? "task" : "workflow";
        for (Takers takers : pace.takers) {
            if (takers.living == 0) {
                causes.add("No worker is known to live that registered the " + kindName + " kind " + takers.kind
                        + ", of which " + takers.pending + (takers.pending == 1 ? " is" : " are") + " pending.");
            }
        }
        for (Takers takers : pace.takers) {
            if (!takers.paused.isEmpty()) {
                causes.add("The " + kindName + " kind " + takers.kind + " is paused " + takers.paused
                        + "; nothing of it is handed out until it is resumed.");
            }
        }
        if (paused.isEmpty() && causes.isEmpty() && !pace.takers.isEmpty()) {
            causes.add("In the last " + minutes + " minutes " + each.name(pace.came) + " came and " + pace.taken
                    + (pace.taken == 1 ? " was" : " were") + " taken, while " + pace.held
                    + (pace.held == 1 ? " is" : " are") + " with workers"
                    + (pace.taken == 0 && pace.held == 0 && !each.pollers.polled()
                            ? ": workers that registered what waits live, and take nothing here; look whether they poll another queue."
                            : pace.came > pace.taken
                                    ? ": more comes than the workers take."
                                    : pace.taken == 0 ? ": its workers live, and take nothing." : "."));
        }
        return causes;
    }

    private static String ago(long ms) {
        Duration length = Duration.ofMillis(Math.max(0, ms));
        return length.toMinutes() > 0 ? length.toMinutes() + " minutes ago" : length.toSeconds() + " seconds ago";
    }
}
