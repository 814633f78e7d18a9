package io.millrace.proto.directory;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.QueuePolled;
import io.millrace.proto.v1.WorkType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Which queues workers poll, in memory. Records come from one thread, look-ups and polls from any. */
final class PolledQueues {

    /** Keys on the topic begin so. */
    static final String OF_QUEUES = "polled";

    /** Most of an organisation that are remembered, so that no client fills memory with names. */
    static final int MOST = 10_000;

    private final Map<UUID, Map<Place, Told>> byOrganisation = new ConcurrentHashMap<>();
    private final ByteString teller;

    private record Place(String queue, WorkType type) {

        private String key(UUID orgId) {
            return OF_QUEUES + "/" + orgId + "/" + type + "/" + queue;
        }
    }

    /** @param teller stands for this process in what it tells */
    PolledQueues(ByteString teller) {
        this.teller = teller;
    }

    static String key(QueuePolled record) {
        return new Place(record.getQueue(), record.getWorkType()).key(Ids.fromBytes(record.getOrgId()));
    }

    /**
     * Notes that somebody has a poll open.
     *
     * @return the record that tells others; nothing if they were told less than the interval ago, or there is no room
     */
    Optional<DirectoryRecord> note(UUID orgId, String queue, WorkType type, long nowMs, long intervalMs) {
        Map<Place, Told> known = of(orgId);
        Place place = new Place(queue, type);
        if (isFull(known, place)) {
            return Optional.empty();
        }
        boolean[] due = new boolean[1];
        known.compute(place, (key, before) -> {
            Told polled = before == null ? Told.NEVER : before;
            due[0] = polled.isDue(nowMs, intervalMs);
            return polled.here(nowMs, intervalMs);
        });
        return due[0]
                ? Optional.of(DirectoryRecord.newBuilder()
                        .setQueuePolled(QueuePolled.newBuilder()
                                .setOrgId(Ids.toByteString(orgId))
                                .setQueue(queue)
                                .setWorkType(type)
                                .setPolledAtMs(nowMs)
                                .setTeller(teller))
                        .build())
                : Optional.empty();
    }

    /** Notes that others may not have heard of the last poll. */
    void untold(UUID orgId, String queue, WorkType type) {
        of(orgId).computeIfPresent(new Place(queue, type), (place, known) -> known.untold());
    }

    /** @param heardMs when this node heard of it, by its own clock */
    void accept(QueuePolled record, long heardMs) {
        Map<Place, Told> known = of(Ids.fromBytes(record.getOrgId()));
        Place place = new Place(record.getQueue(), record.getWorkType());
        // What this process told is known here, by its own clock.
        if (!record.getTeller().equals(teller) && !isFull(known, place)) {
            known.merge(place, new Told(heardMs, 0), (before, heard) -> before.elsewhere(heardMs));
        }
    }

    /** @param parts of the key: what it begins with, the organisation, and the rest */
    void remove(String[] parts) {
        String[] place = parts[2].split("/", 2);
        of(UUID.fromString(parts[1])).remove(new Place(place[1], WorkType.valueOf(place[0])));
    }

    /** @return keys on the topic of what nobody has polled for so long */
    List<String> forgotten(long nowMs, long forgetMs) {
        return byOrganisation.entrySet().stream()
                .flatMap(organisation -> organisation.getValue().entrySet().stream()
                        .filter(each -> nowMs - each.getValue().lastMs() > forgetMs)
                        .map(each -> each.getKey().key(organisation.getKey())))
                .toList();
    }

    /** As {@link Directory#polledQueues} says. */
    Optional<Collection<PolledQueue>> all(UUID orgId) {
        Map<Place, Told> known = byOrganisation.getOrDefault(orgId, Map.of());
        return known.size() >= MOST
                ? Optional.empty()
                : Optional.of(known.entrySet().stream()
                        .map(each -> new PolledQueue(
                                each.getKey().queue,
                                each.getKey().type,
                                each.getValue().lastMs()))
                        .toList());
    }

    private Map<Place, Told> of(UUID orgId) {
        return byOrganisation.computeIfAbsent(orgId, id -> new ConcurrentHashMap<>());
    }

    private static boolean isFull(Map<Place, Told> known, Place place) {
        return known.size() >= MOST && !known.containsKey(place);
    }
}
