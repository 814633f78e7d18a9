package io.millrace.proto.reads;

import io.millrace.proto.v1.ListQueuesRequest;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.WorkType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a part of the list of queues: of all that it is shown, the first ones behind a place. It never holds more than those, since
 * an organisation may have as many queues as it has work. One thread.
 */
public final class QueuePart {

    /**
     * Which part of the list.
     *
     * @param after the last of the part before; null: from the first on
     * @param limit names and kinds of work, at the most, 1 or more
     */
    public record Asked(@Nullable Key after, int limit) {

        /** @throws IllegalArgumentException if the limit is below 1 */
        public Asked {
            if (limit < 1) {
                throw new IllegalArgumentException("expected a limit of 1 or more, but got " + limit);
            }
        }

        /** @return what another node asks for */
        public static Asked of(ListQueuesRequest request) {
            return new Asked(
                    request.getAfterQueue().isEmpty()
                            ? null
                            : new Key(request.getAfterQueue(), request.getAfterWorkType()),
                    request.getLimit() > 0 ? request.getLimit() : Integer.MAX_VALUE);
        }
    }

    /**
     * What has a line in the list: its partitions are told together.
     *
     * @param queue name of the queue
     * @param workType what is waited for in it
     */
    public record Key(String queue, WorkType workType) implements Comparable<Key> {

        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::queue).thenComparing(Key::workType);

        /** @return the key of what a node tells */
        public static Key of(ListQueuesResponse.Queue told) {
            return new Key(told.getQueue(), told.getWorkType());
        }

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    private final Asked asked;
    private final NavigableMap<Key, List<ListQueuesResponse.Queue>> queues = new TreeMap<>();
    private boolean more;

    /** @param asked which part is gathered */
    public QueuePart(Asked asked) {
        this.asked = asked;
    }

    /** Takes in ready work of a queue in a partition, if it belongs to this part. */
    public void add(ListQueuesResponse.Queue told) {
        Key key = Key.of(told);
        if (asked.after() != null && key.compareTo(asked.after()) <= 0) {
            return;
        }
        queues.computeIfAbsent(key, unknown -> new ArrayList<>(1)).add(told);
        if (queues.size() > asked.limit()) {
            queues.pollLastEntry();
            more = true;
        }
    }

    /** @return the part that is made of those of several nodes: it ends where the first of them does that has others behind it */
    static ListQueuesResponse together(Asked asked, List<ListQueuesResponse> answers) {
        QueuePart part = new QueuePart(asked);
        answers.forEach(answer -> answer.getQueuesList().forEach(part::add));
        answers.stream()
                .filter(answer -> answer.getMore() && answer.getQueuesCount() > 0)
                .map(answer -> Key.of(answer.getQueues(answer.getQueuesCount() - 1)))
                .min(Comparator.naturalOrder())
                .ifPresent(part::endAt);
        return part.response();
    }

    private void endAt(Key last) {
        queues.tailMap(last, false).clear();
        more = true;
    }

    /** @return what was gathered, in order */
    public ListQueuesResponse response() {
        ListQueuesResponse.Builder response = ListQueuesResponse.newBuilder().setMore(more);
        queues.values().forEach(response::addAllQueues);
        return response.build();
    }
}
