package io.millrace.dispatcher.topology.group;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that another process has this node's name. The members of a process that was killed stay in the group until
 * their sessions end. A member of this process may be there before it knows so itself. So only one that stays longer
 * counts. One thread.
 */
final class Namesakes {

    /** Longer than sessions, and than members take to join. */
    static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(15);

    private static final Logger LOG = LoggerFactory.getLogger(Namesakes.class);

    private final String node;
    private final Map<String, Long> since = new HashMap<>();
    private @Nullable String warnedOf;

    /** A member of the group: its instance id in Kafka, and the host from which Kafka hears it. */
    record Seat(String instanceId, String host) {}

    /** @param node name of this node */
    Namesakes(String node) {
        this.node = node;
    }

    /**
     * The group was asked who is in it. What is wrong is logged once, and again if it changes.
     *
     * @param there seats by member id
     * @param own member ids of this process
     * @return what is wrong, null if nothing is
     */
    @Nullable
    String looked(Map<String, Seat> there, Set<String> own, long nanoTime) {
        Map<String, Seat> strangers = there.entrySet().stream()
                .filter(seat -> !own.contains(seat.getKey()))
                .filter(seat -> DispatcherGroup.isOf(node, seat.getValue().instanceId()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        since.keySet().retainAll(strangers.keySet());
        strangers.keySet().forEach(memberId -> since.putIfAbsent(memberId, nanoTime));
        Set<String> hosts = strangers.entrySet().stream()
                .filter(seat -> nanoTime - since.getOrDefault(seat.getKey(), nanoTime) > LONGEST_REST_NANOS)
                .map(seat -> named(seat.getValue()))
                .collect(Collectors.toCollection(TreeSet::new));
        if (hosts.isEmpty()) {
            return null;
        }
        String wrong = "two processes run as node " + node + ": this one ("
                + there.entrySet().stream()
                        .filter(seat -> own.contains(seat.getKey()))
                        .map(seat -> named(seat.getValue()))
                        .sorted()
                        .collect(Collectors.joining(", "))
                + ") and another (" + String.join(", ", hosts) + "); give each a server.node of its own";
        if (!wrong.equals(warnedOf)) {
            warnedOf = wrong;
            LOG.warn("{}", wrong);
        }
        return wrong;
    }

    private static String named(Seat seat) {
        return seat.instanceId() + " from " + seat.host();
    }
}
