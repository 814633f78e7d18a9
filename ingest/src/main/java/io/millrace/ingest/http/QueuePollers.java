package io.millrace.ingest.http;

import io.millrace.proto.Likeness;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.directory.PolledQueue;
import io.millrace.proto.reads.QueuePart;
import io.millrace.proto.v1.WorkType;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether somebody polls a queue, as far as all nodes heard, and otherwise which queues may have been meant. Without that nobody could tell
 * a name that is mistyped from workers that are busy.
 *
 * @param known false: there are so many queues that not all are known
 * @param polled whether somebody polls it
 * @param lastMs when somebody did last, milliseconds since the epoch; 0: never, as far as is known
 * @param others queues that are polled and may have been meant, the likeliest first
 */
record QueuePollers(boolean known, boolean polled, long lastMs, List<String> others) {

    /** Nodes tell each other once in a minute that a queue is polled, and one word may get lost. */
    private static final long POLLED_MS = 180_000;

    /** So many are told at the most. */
    private static final int TOLD = 3;

    /** A letter of so many may be wrong. */
    private static final int LETTERS = 3;

    /** Copies the list. */
    QueuePollers {
        others = List.copyOf(others);
    }

    /** @param caller who is told, and of no queues that the own key is not for */
    static QueuePollers of(Directory directory, Caller caller, String queue, WorkType type) {
        Optional<Collection<PolledQueue>> all = directory.polledQueues(caller.orgId());
        if (all.isEmpty()) {
            return new QueuePollers(false, false, 0, List.of());
        }
        List<PolledQueue> ofType =
                all.get().stream().filter(each -> each.type() == type).toList();
        long nowMs = directory.nowMs();
        long seenMs = ofType.stream()
                .filter(each -> each.queue().equals(queue))
                .mapToLong(PolledQueue::lastMs)
                .findFirst()
                .orElse(0);
        boolean polled = seenMs > 0 && nowMs - seenMs <= POLLED_MS;
        List<String> living = ofType.stream()
                .filter(each -> nowMs - each.lastMs() <= POLLED_MS)
                .map(PolledQueue::queue)
                .filter(caller.scope()::hasQueue)
                .toList();
        return new QueuePollers(
                true,
                polled,
                seenMs == 0 ? 0 : System.currentTimeMillis() - (nowMs - seenMs),
                polled ? List.of() : likely(queue, living));
    }

    /** @return the queues that somebody polls, and for which work; empty: there are so many that not all are known */
    static Optional<Set<QueuePart.Key>> polled(Directory directory, UUID orgId) {
        long sinceMs = directory.nowMs() - POLLED_MS;
        return directory
                .polledQueues(orgId)
                .map(all -> all.stream()
                        .filter(each -> each.lastMs() >= sinceMs)
                        .map(each -> new QueuePart.Key(each.queue(), each.type()))
                        .collect(Collectors.toSet()));
    }

    /** @return those that are like it; all of them where they are few */
    private static List<String> likely(String queue, List<String> names) {
        String meant = plain(queue);
        int longest = names.size() <= TOLD ? Integer.MAX_VALUE : Math.max(1, meant.length() / LETTERS);
        return names.stream()
                .filter(name ->
                        isPartOf(meant, plain(name)) || Likeness.distance(meant, plain(name), longest) <= longest)
                .sorted(Comparator.<String>comparingInt(name -> distance(meant, name))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(TOLD)
                .toList();
    }

    private static boolean isPartOf(String one, String other) {
        return Math.min(one.length(), other.length()) >= LETTERS && (one.contains(other) || other.contains(one));
    }

    /** Names differ most often by what stands between words, and by the case of letters. */
    private static String plain(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[-_. :/]", "");
        return plain.isEmpty() ? name : plain;
    }

    private static int distance(String meant, String name) {
        return Likeness.distance(meant, plain(name), Integer.MAX_VALUE);
    }

    /** @return whether somebody polls it; null: that is not known */
    @Nullable
    Boolean polledOrNull() {
        return known ? polled : null;
    }

    /** @return that nobody polls it, and what may have been meant, as a sentence; empty where somebody does, or that is not known */
    String sentence(String queue, boolean tasks) {
        if (!known || polled) {
            return "";
        }
        String what = tasks ? " for tasks" : " for workflows";
        String since = lastMs == 0
                ? "No worker is known to have polled queue " + queue + what
                : "No worker has polled queue " + queue + what + " since " + Instant.ofEpochMilli(lastMs);
        return since + (others.isEmpty() ? "." : "; polled" + what + ": " + String.join(", ", others) + ".");
    }
}
