package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * By which policies a partition hands work out. All of them are in memory: there are few, and each claim asks. One that says nothing
 * is not there. {@link #get} and {@link #of} on any thread, all else on the partition's.
 */
public final class PolicyStore {

    private static final int FORM_BEFORE_LIMITS = 1;
    private static final int FORM = 2;

    private final Storage storage;
    private final DueIndex dues;
    private final Map<UUID, Map<WorkSubject, WorkPolicy>> policies = new ConcurrentHashMap<>();
    private final Map<Key, WorkPolicy> unflushed = new HashMap<>();
    private final Set<Key> changed = new HashSet<>();

    private record Key(UUID orgId, WorkSubject subject) {

        byte[] stored() {
            return Bytes.writer()
                    .rawId(orgId)
                    .u8(subject.type().ordinal())
                    .text(subject.name())
                    .finish();
        }

        static Key read(byte[] stored) {
            Bytes in = Bytes.reader(stored);
            return new Key(in.rawId(), new WorkSubject(WorkSubject.Type.values()[in.u8()], in.text()));
        }
    }

    /** @param dues told when a pause ends by itself */
    PolicyStore(Storage storage, DueIndex dues) {
        this.storage = storage;
        this.dues = dues;
        storage.scan(Table.POLICIES, new byte[0], (stored, value) -> {
            Key key = DamagedRecordException.guard(Table.POLICIES, stored, () -> Key.read(stored));
            enter(key, DamagedRecordException.guard(Table.POLICIES, stored, () -> decode(value)));
            return true;
        });
    }

    /** @return the policies of the organisation by their subjects, null where there are none: most have none */
    public @Nullable Map<WorkSubject, WorkPolicy> of(UUID orgId) {
        return policies.get(orgId);
    }

    /** @return the policy, the usual one where nothing is said */
    public WorkPolicy get(UUID orgId, WorkSubject subject) {
        Map<WorkSubject, WorkPolicy> ofOrg = policies.get(orgId);
        return ofOrg == null ? WorkPolicy.USUAL : ofOrg.getOrDefault(subject, WorkPolicy.USUAL);
    }

    /** @return how many the organisation has */
    public int count(UUID orgId) {
        return policies.getOrDefault(orgId, Map.of()).size();
    }

    /** Sees policies. */
    @FunctionalInterface
    public interface Visitor {

        /** Sees one. */
        void visit(UUID orgId, WorkSubject subject, WorkPolicy policy);
    }

    /** Shows all, ordered by organisation, type and name. */
    public void all(Visitor visitor) {
        new TreeMap<>(policies)
                .forEach((orgId, said) -> said.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey(
                                Comparator.comparing(WorkSubject::type).thenComparing(WorkSubject::name)))
                        .forEach(each -> visitor.visit(orgId, each.getKey(), each.getValue())));
    }

    /** Shows what has another policy since the last time that this was asked; the first time all that have one. */
    void drainChanged(SubjectVisitor visitor) {
        changed.forEach(key -> visitor.visit(key.orgId(), key.subject()));
        changed.clear();
    }

    void put(UUID orgId, WorkSubject subject, WorkPolicy policy) {
        Key key = new Key(orgId, subject);
        end(orgId, subject, get(orgId, subject)).ifPresent(dues::remove);
        end(orgId, subject, policy).ifPresent(dues::add);
        enter(key, policy);
        unflushed.put(key, policy);
    }

    private static Optional<Due> end(UUID orgId, WorkSubject subject, WorkPolicy policy) {
        return policy.pause() == null || policy.pause().untilMs() == 0
                ? Optional.empty()
                : Optional.of(new Due(policy.pause().untilMs(), Due.Type.POLICY, orgId, subject.homeKey()));
    }

    private void enter(Key key, WorkPolicy policy) {
        changed.add(key);
        if (!policy.usual()) {
            policies.computeIfAbsent(key.orgId(), unknown -> new ConcurrentHashMap<>())
                    .put(key.subject(), policy);
            return;
        }
        policies.computeIfPresent(key.orgId(), (orgId, left) -> {
            left.remove(key.subject());
            return left.isEmpty() ? null : left;
        });
    }

    void flush() {
        unflushed.forEach(
                (key, policy) -> storage.put(Table.POLICIES, key.stored(), policy.usual() ? null : encode(policy)));
        unflushed.clear();
    }

    private static byte[] encode(WorkPolicy policy) {
        Bytes out = Bytes.writer().u8(FORM).i64(policy.version());
        WorkPolicy.Pause pause = policy.pause();
        out.u8(pause == null ? 0 : 1);
        if (pause != null) {
            out.i64(pause.sinceMs()).text(pause.by()).text(pause.reason()).i64(pause.untilMs());
        }
        WorkPolicy.Limit limit = policy.limit();
        out.u8(limit == null ? 0 : 1);
        if (limit != null) {
            out.i32(limit.inFlight())
                    .i32(limit.rate())
                    .i32(limit.burst())
                    .text(limit.fairKey())
                    .i64(limit.epoch())
                    .i32(limit.partitions())
                    .i64(limit.sinceMs())
                    .text(limit.by())
                    .text(limit.reason());
        }
        return out.finish();
    }

    private static WorkPolicy decode(byte[] bytes) {
        Bytes in = Bytes.reader(bytes);
        int form = in.u8();
        if (form != FORM_BEFORE_LIMITS) {
            Versions.expect(form, FORM, "policy of handing out");
        }
        long version = in.i64();
        WorkPolicy.Pause pause = in.u8() == 0 ? null : new WorkPolicy.Pause(in.i64(), in.text(), in.text(), in.i64());
        WorkPolicy.Limit limit = form == FORM_BEFORE_LIMITS || in.u8() == 0
                ? null
                : new WorkPolicy.Limit(
                        in.i32(), in.i32(), in.i32(), in.text(), in.i64(), in.i32(), in.i64(), in.text(), in.text());
        return new WorkPolicy(version, pause, limit);
    }
}
