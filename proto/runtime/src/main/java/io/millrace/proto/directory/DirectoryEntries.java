package io.millrace.proto.directory;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Principals;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.SealedKey;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerAlias;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;

/** The directory in memory: what the records said so far. Records come from one thread, look-ups from any. */
public final class DirectoryEntries {

    /**
     * Most registrations of one name that are looked at, the newest ones. A name that is registered again and again has
     * more.
     */
    private static final int LATEST_OF_A_NAME = 100;

    /** How long the signs of life of an unregistered worker are kept: only its last connection asks for them. */
    private static final long STRANGER_MS = TimeUnit.HOURS.toMillis(1);

    /** Most unregistered workers of an organisation that are remembered. No honest client polls by so many names. */
    private static final int MOST_STRANGERS = 10_000;

    private static final long LOOK_AGAIN_MS = 10_000;

    private static final Comparator<WorkerRegistration> NEWEST_FIRST = Comparator.comparingLong(
                    WorkerRegistration::getRegisteredAtMs)
            .reversed()
            .thenComparing(DirectoryEntries::id);

    /** Keys of what dispatchers say begin so. */
    static final String OF_DISPATCHER = "dispatcher/";

    private final ByteString teller = Ids.toByteString(UUID.randomUUID());
    private final long silenceMs;
    private final RegistrationLimits limits;
    private final DirectoryUse use = new DirectoryUse();
    private final Map<UUID, WorkerRegistration> byId = new ConcurrentHashMap<>();
    private final Map<WorkerName, List<WorkerRegistration>> byName = new ConcurrentHashMap<>();
    private final WorkerAliases aliases = new WorkerAliases();
    private final WorkerSigns signs = new WorkerSigns(use, teller);
    private final Map<String, Map<String, String>> noted = new ConcurrentHashMap<>();
    private final PolledQueues queues = new PolledQueues(teller);
    private final Map<String, SealedKey> keys = new ConcurrentHashMap<>();
    private final List<Consumer<SealedKey>> keyListeners = new CopyOnWriteArrayList<>();
    private final PartitionHolders holders = new PartitionHolders();

    /** As below, with the usual limits. */
    public DirectoryEntries(long silenceMs) {
        this(silenceMs, RegistrationLimits.defaults());
    }

    /**
     * @param silenceMs how long after its last sign of life a worker counts as living, milliseconds
     * @param limits what one organisation may have
     */
    public DirectoryEntries(long silenceMs, RegistrationLimits limits) {
        this.silenceMs = silenceMs;
        this.limits = limits;
    }

    /** @return the key of the record on the topic; the last record of a key counts */
    static String key(DirectoryRecord record) {
        return switch (record.getEntryCase()) {
            case WORKER -> "worker/" + id(record.getWorker());
            case WORKER_SEEN -> WorkerSigns.key(record.getWorkerSeen());
            case WORKER_ALIAS -> WorkerAliases.key(record.getWorkerAlias());
            case DISPATCHER -> OF_DISPATCHER + record.getDispatcher().getNode();
            case NOTED_STATE -> "noted/" + record.getNotedState().getSubject();
            case QUEUE_POLLED -> PolledQueues.key(record.getQueuePolled());
            case API_KEY -> "api-key/" + Ids.fromBytes(record.getApiKey().getKeyId());
            case ENTRY_NOT_SET -> throw new IllegalArgumentException("expected a directory record to have an entry");
        };
    }

    /** @return the record that says for which registrations the worker_id stands in polls of the caller's principal */
    public static DirectoryRecord alias(
            UUID orgId, String workerId, Principal caller, List<WorkerRegistration> registrations) {
        WorkerAlias.Builder alias = WorkerAlias.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setWorkerId(workerId)
                .setPrincipal(WorkerAliases.owner(caller));
        registrations.forEach(registration -> alias.addRegistrations(registration.getWorkerId()));
        return DirectoryRecord.newBuilder().setWorkerAlias(alias).build();
    }

    /** Takes a record in. Its times count as they stand. */
    public void accept(DirectoryRecord record) {
        accept(record, toldMs -> toldMs);
    }

    /**
     * Takes a record in.
     *
     * @param heardMs from a time by another node's clock to the time, by this node's clock, at which this node heard of
     *     it: the two clocks are never compared
     */
    void accept(DirectoryRecord record, LongUnaryOperator heardMs) {
        switch (record.getEntryCase()) {
            case WORKER -> worker(record.getWorker());
            case WORKER_SEEN -> signs.accept(record.getWorkerSeen(), heardMs);
            case WORKER_ALIAS -> alias(record.getWorkerAlias());
            case DISPATCHER -> holders.said(record.getDispatcher());
            case NOTED_STATE ->
                noted.put(
                        record.getNotedState().getSubject(),
                        record.getNotedState().getEntriesMap());
            case API_KEY -> {
                keys.put(key(record), record.getApiKey());
                keyListeners.forEach(listener -> listener.accept(record.getApiKey()));
            }
            case QUEUE_POLLED ->
                queues.accept(
                        record.getQueuePolled(),
                        heardMs.applyAsLong(record.getQueuePolled().getPolledAtMs()));
            case ENTRY_NOT_SET -> {} // of a later version: nothing that this one could use
        }
    }

    /** As {@link Directory#followKeys} says. */
    public void followKeys(Consumer<SealedKey> listener) {
        keyListeners.add(listener);
        keys.values().forEach(listener);
    }

    private void worker(WorkerRegistration received) {
        // Descriptions and schemas are large, and only readers of the topic need them.
        WorkerRegistration registration = received.toBuilder().clearRequest().build();
        WorkerName name = nameOf(registration);
        byId.put(id(registration), registration);
        use.added(name.orgId(), id(registration), received.getSerializedSize());
        byName.merge(
                name,
                List.of(registration),
                (known, added) -> Stream.concat(
                                known.stream()
                                        .filter(each -> !each.getWorkerId().equals(registration.getWorkerId())),
                                added.stream())
                        .sorted(NEWEST_FIRST)
                        .limit(LATEST_OF_A_NAME)
                        .toList());
    }

    private void alias(WorkerAlias record) {
        if (aliases.add(record)) {
            use.of(Ids.fromBytes(record.getOrgId())).aliases().incrementAndGet();
        }
    }

    /** Forgets what the records of the key said. */
    void remove(String key) {
        String[] parts = key.split("/", 3);
        switch (parts[0]) {
            case "worker" ->
                Optional.ofNullable(byId.remove(UUID.fromString(parts[1]))).ifPresent(gone -> {
                    use.removed(nameOf(gone).orgId(), id(gone));
                    byName.computeIfPresent(nameOf(gone), (name, known) -> {
                        List<WorkerRegistration> left =
                                known.stream().filter(each -> each != gone).toList();
                        return left.isEmpty() ? null : left;
                    });
                });
            case WorkerSigns.OF_WORKERS -> signs.remove(new WorkerName(UUID.fromString(parts[1]), parts[2]));
            case WorkerAliases.OF_NOBODY, WorkerAliases.OF_PRINCIPAL -> {
                if (aliases.remove(key)) {
                    use.of(UUID.fromString(parts[1])).aliases().decrementAndGet();
                }
            }
            case PolledQueues.OF_QUEUES -> queues.remove(parts);
            default -> {} // dispatchers and what was noted of nodes are few, and keep their names
        }
    }

    /**
     * Finds what is no longer needed: registrations without a sign of life for {@code forgetMs}, and what belongs to
     * them.
     *
     * @return keys on the topic whose records may go
     */
    List<String> forgotten(long nowMs, long forgetMs) {
        List<String> keys = new ArrayList<>();
        byId.forEach((id, registration) -> {
            if (nowMs - lastSignMs(id, registration) > forgetMs) {
                keys.add("worker/" + id);
                WorkerName sign = new WorkerName(nameOf(registration).orgId(), id.toString());
                if (signs.has(sign)) {
                    keys.add(WorkerSigns.key(sign.orgId(), sign.name()));
                }
            }
        });
        aliases.forEach((key, registrations) -> {
            if (registrations.stream().noneMatch(byId::containsKey)) {
                keys.add(key);
            }
        });
        signs.forEach((worker, seenMs) -> {
            if (nowMs - seenMs > STRANGER_MS && !isKnown(worker)) {
                keys.add(WorkerSigns.key(worker.orgId(), worker.name()));
            }
        });
        keys.addAll(queues.forgotten(nowMs, forgetMs));
        return keys;
    }

    /**
     * Looks for room for one more registration.
     *
     * @return keys of the registrations that have to go for it: silent for an hour, the longest silent first; mostly
     *     none
     * @throws DirectoryFullException if there is no room
     */
    List<String> makeRoom(UUID orgId, int bytes, long nowMs) {
        DirectoryUse.Use has = use.of(orgId);
        if (has.fits(1, bytes, limits)) {
            return List.of();
        }
        if (!has.isFull(nowMs)) {
            List<String> keys = longestSilent(orgId, has, bytes, nowMs);
            if (!keys.isEmpty()) {
                return keys;
            }
            has.fullUntil(nowMs + LOOK_AGAIN_MS);
        }
        throw new DirectoryFullException("expected an organisation to have at most " + limits.registrations()
                + " registrations of workers, " + limits.bytes() + " bytes of them, but it has " + has.registrations()
                + ", " + has.bytes() + " bytes, and this one has " + bytes);
    }

    /**
     * A tenth more than is needed, so that this need not be done each time. Nothing if even all of them would not be
     * enough.
     */
    private List<String> longestSilent(UUID orgId, DirectoryUse.Use has, int bytes, long nowMs) {
        Map<UUID, Long> silent = new HashMap<>();
        byId.forEach((id, registration) -> {
            long lastMs = isOf(orgId, registration) ? lastSignMs(id, registration) : nowMs;
            if (nowMs - lastMs > STRANGER_MS) {
                silent.put(id, lastMs);
            }
        });
        List<String> keys = new ArrayList<>();
        int gone = 0;
        long goneBytes = 0;
        for (UUID id : silent.keySet().stream()
                .sorted(Comparator.comparing(silent::get))
                .toList()) {
            if (has.fits(1 - gone + limits.registrations() / 10, bytes - goneBytes + limits.bytes() / 10, limits)) {
                break;
            }
            keys.add("worker/" + id);
            gone++;
            goneBytes += use.bytesOf(id);
        }
        return has.fits(1 - gone, bytes - goneBytes, limits) ? keys : List.of();
    }

    /** @return whether the organisation may note one more alias: a worker may call itself anything */
    boolean hasRoomForAlias(UUID orgId, String workerId, Principal caller) {
        return use.of(orgId).aliases().get() < limits.registrations() + MOST_STRANGERS
                || aliases.of(orgId, workerId).containsKey(WorkerAliases.owner(caller));
    }

    private boolean hasRoomForSign(WorkerName worker) {
        return use.of(worker.orgId()).signs().get() < 2 * limits.registrations() + MOST_STRANGERS
                || signs.has(worker)
                || isKnown(worker);
    }

    private long lastSignMs(UUID id, WorkerRegistration registration) {
        WorkerName name = nameOf(registration);
        List<WorkerRegistration> namesakes = byName.getOrDefault(name, List.of());
        // A poll by the name counts for the newest one of its principal. Otherwise no registration of a name in use
        // would
        // ever be forgotten.
        String sign = signName(registration);
        boolean newest = namesakes.stream()
                .filter(each -> signName(each).equals(sign))
                .findFirst()
                .filter(first -> first == registration)
                .isPresent();
        long byNameMs = newest ? signs.seenMs(new WorkerName(name.orgId(), sign)) : 0;
        long byIdMs = signs.seenMs(new WorkerName(name.orgId(), id.toString()));
        return Math.max(registration.getRegisteredAtMs(), Math.max(byIdMs, byNameMs));
    }

    private boolean isKnown(WorkerName worker) {
        return byName.containsKey(worker)
                || !aliases.of(worker.orgId(), worker.name()).isEmpty()
                || Ids.parse(worker.name()).filter(byId::containsKey).isPresent()
                || isNameOfAPrincipal(worker);
    }

    /** A name may have anything in it, and so may what stands behind it. */
    private boolean isNameOfAPrincipal(WorkerName sign) {
        for (int end = sign.name().indexOf(Principals.OF);
                end >= 0;
                end = sign.name().indexOf(Principals.OF, end + 1)) {
            WorkerName name = new WorkerName(sign.orgId(), sign.name().substring(0, end));
            if (byName.getOrDefault(name, List.of()).stream()
                    .anyMatch(each -> signName(each).equals(sign.name()))) {
                return true;
            }
        }
        return false;
    }

    private static String signName(WorkerRegistration registration) {
        return Principals.bound(registration.getName(), registration.getPrincipal());
    }

    /**
     * @return the record of a sign of life, to be told to others; nothing if the last one was told less than the
     *     interval ago
     */
    public Optional<DirectoryRecord> noteSeen(UUID orgId, String workerId, long nowMs, long intervalMs) {
        WorkerName worker = new WorkerName(orgId, workerId);
        return hasRoomForSign(worker) ? signs.note(worker, nowMs, intervalMs) : Optional.empty();
    }

    /**
     * @return the record of a poll of a queue, to be told to others; nothing if the last one was told less than the interval
     *     ago
     */
    public Optional<DirectoryRecord> notePolled(UUID orgId, String queue, WorkType type, long nowMs, long intervalMs) {
        return queues.note(orgId, queue, type, nowMs, intervalMs);
    }

    /** Notes that others may not have heard of the last poll of the queue. */
    void notePolledUntold(UUID orgId, String queue, WorkType type) {
        queues.untold(orgId, queue, type);
    }

    /** As {@link Directory#polledQueues} says. */
    public Optional<Collection<PolledQueue>> polledQueues(UUID orgId) {
        return queues.all(orgId);
    }

    /** Notes that others may not have heard of the last sign of life. */
    void noteUntold(UUID orgId, String workerId) {
        signs.untold(new WorkerName(orgId, workerId));
    }

    /** Notes that the worker sends heartbeats. */
    public void noteBeat(UUID orgId, String workerId) {
        WorkerName worker = new WorkerName(orgId, workerId);
        if (hasRoomForSign(worker)) {
            signs.beating(worker);
        }
    }

    /** As {@link Directory#beats} says. */
    public boolean beats(UUID orgId, String workerId) {
        return signs.beats(new WorkerName(orgId, workerId));
    }

    /** As {@link Directory#worker} says. */
    public Optional<WorkerRegistration> worker(UUID orgId, String workerId, long nowMs) {
        Optional<WorkerRegistration> registration =
                Ids.parse(workerId).map(byId::get).filter(found -> isOf(orgId, found));
        return registration.isPresent()
                ? registration
                : named(orgId, workerId, nowMs).stream().findFirst();
    }

    /** As {@link Directory#named} says. */
    public List<WorkerRegistration> named(UUID orgId, String name, long nowMs) {
        List<WorkerRegistration> all = byName.getOrDefault(new WorkerName(orgId, name), List.of());
        if (all.size() < 2) {
            return all;
        }
        List<WorkerRegistration> living = all.stream()
                .filter(each -> nowMs - lastSeenMs(orgId, id(each).toString()) <= silenceMs)
                .toList();
        return living.isEmpty() ? all.subList(0, 1) : living;
    }

    /** As {@link Directory#allNamed} says. */
    public List<WorkerRegistration> allNamed(UUID orgId, String name) {
        return byName.getOrDefault(new WorkerName(orgId, name), List.of());
    }

    /** As {@link Directory#alias} says. */
    public List<WorkerRegistration> alias(UUID orgId, String workerId, Principal caller) {
        Map<Principal, List<UUID>> byOwner = aliases.of(orgId, workerId);
        return Stream.of(WorkerAliases.owner(caller), Principal.getDefaultInstance())
                .map(owner -> known(byOwner.getOrDefault(owner, List.of())))
                .filter(registrations -> !registrations.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    /** As {@link Directory#isAlias} says. */
    public boolean isAlias(UUID orgId, String workerId) {
        return aliases.of(orgId, workerId).values().stream()
                .anyMatch(ids -> !known(ids).isEmpty());
    }

    private List<WorkerRegistration> known(List<UUID> ids) {
        return ids.stream().map(byId::get).filter(Objects::nonNull).toList();
    }

    /** As {@link Directory#workers} says. */
    public List<WorkerRegistration> workers(UUID orgId) {
        return byId.values().stream()
                .filter(registration -> isOf(orgId, registration))
                .sorted(NEWEST_FIRST)
                .toList();
    }

    /** As {@link Directory#lastSeenMs} says. */
    public long lastSeenMs(UUID orgId, String workerId) {
        return signs.seenMs(new WorkerName(orgId, workerId));
    }

    /** @return time of the last sign of life that another node told of, by this node's clock; 0: none known */
    long elsewhereMs(UUID orgId, String workerId) {
        return signs.elsewhereMs(new WorkerName(orgId, workerId));
    }

    /** As {@link Directory#noted} says. */
    public Optional<Map<String, String>> noted(String subject) {
        return Optional.ofNullable(noted.get(subject));
    }

    /** @return who holds the partitions, as the dispatchers said */
    PartitionHolders holders() {
        return holders;
    }

    private static UUID id(WorkerRegistration registration) {
        return Ids.fromBytes(registration.getWorkerId());
    }

    private static boolean isOf(UUID orgId, WorkerRegistration registration) {
        return Ids.fromBytes(registration.getOrgId()).equals(orgId);
    }

    private static WorkerName nameOf(WorkerRegistration registration) {
        return new WorkerName(Ids.fromBytes(registration.getOrgId()), registration.getName());
    }
}
