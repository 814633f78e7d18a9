package io.millrace.proto.directory;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How much each organisation has in the directory. Safe from any thread. */
final class DirectoryUse {

    private final Map<UUID, Use> byOrganisation = new ConcurrentHashMap<>();
    private final Map<UUID, Integer> bytesOf = new ConcurrentHashMap<>();

    /** What one organisation has. */
    static final class Use {

        private final AtomicInteger registrations = new AtomicInteger();
        private final AtomicLong bytes = new AtomicLong();
        private final AtomicInteger signs = new AtomicInteger();
        private final AtomicInteger aliases = new AtomicInteger();
        private volatile long fullUntilMs;

        int registrations() {
            return registrations.get();
        }

        long bytes() {
            return bytes.get();
        }

        AtomicInteger signs() {
            return signs;
        }

        AtomicInteger aliases() {
            return aliases;
        }

        boolean fits(int more, long moreBytes, RegistrationLimits limits) {
            return registrations.get() + more <= limits.registrations() && bytes.get() + moreBytes <= limits.bytes();
        }

        boolean isFull(long nowMs) {
            return nowMs < fullUntilMs;
        }

        /** There is no room until then. Looking for room is much work, so it is not done for every attempt. */
        void fullUntil(long timeMs) {
            fullUntilMs = timeMs;
        }
    }

    Use of(UUID orgId) {
        return byOrganisation.computeIfAbsent(orgId, id -> new Use());
    }

    void added(UUID orgId, UUID workerId, int bytes) {
        Integer before = bytesOf.put(workerId, bytes);
        Use use = of(orgId);
        use.bytes.addAndGet(bytes - (before == null ? 0 : before));
        if (before == null) {
            use.registrations.incrementAndGet();
        }
    }

    void removed(UUID orgId, UUID workerId) {
        Integer before = bytesOf.remove(workerId);
        if (before != null) {
            Use use = of(orgId);
            use.bytes.addAndGet(-before);
            use.registrations.decrementAndGet();
        }
    }

    int bytesOf(UUID workerId) {
        return bytesOf.getOrDefault(workerId, 0);
    }
}
