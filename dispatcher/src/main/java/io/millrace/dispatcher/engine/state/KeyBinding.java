package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.store.Buckets;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a key points to.
 *
 * @param orgId organisation whose key it is
 * @param targetId workflow execution, task, or promise; of a signal, the execution that it was sent to
 * @param executionId execution of the target
 * @param detail kind of the task, name of the promise, or place of the signal in the history
 * @param expiresMs when it lapses, milliseconds since the epoch
 * @param freed the target is over, and another may be bound in its place
 * @param earlier those that were bound before it and are over, oldest first: a command to bind one may come late, and again
 */
public record KeyBinding(
        KeyUse use,
        UUID orgId,
        String key,
        UUID targetId,
        @Nullable UUID executionId,
        String detail,
        long expiresMs,
        boolean freed,
        List<UUID> earlier) {

    /** So many that are over can hardly have commands on their way, of which each may be two minutes late. */
    private static final int MOST_EARLIER = 16;

    /** One of a key that nobody had before, or of which that is forgotten. */
    public KeyBinding(
            KeyUse use,
            UUID orgId,
            String key,
            UUID targetId,
            @Nullable UUID executionId,
            String detail,
            long expiresMs,
            boolean freed) {
        this(use, orgId, key, targetId, executionId, detail, expiresMs, freed, List.of());
    }

    /** @return the key of a signal to the execution, as it is bound; empty where the signal has none */
    public static String ofSignal(UUID executionId, String key) {
        return key.isEmpty() ? "" : "execution:" + executionId + ":" + key;
    }

    /** The same for a signal to whichever execution the workflow's key stands for. */
    public static String ofSignal(String workflowKey, String key) {
        return key.isEmpty() ? "" : "workflow:" + workflowKey.length() + ":" + workflowKey + ":" + key;
    }

    static byte[] storeKey(KeyUse use, UUID orgId, String key) {
        return Bytes.writer().u8(use.ordinal()).rawId(orgId).text(key).finish();
    }

    byte[] storeKey() {
        return storeKey(use, orgId, key);
    }

    /** @return when the bucket is over in which it leaves */
    long bucketMs() {
        return Buckets.bucketMs(expiresMs, Due.KEY_BUCKET_MS);
    }

    byte[] encode() {
        Bytes form = Bytes.writer()
                .u8(earlier.isEmpty() ? 2 : 3)
                .u8(use.ordinal())
                .rawId(orgId)
                .text(key)
                .rawId(targetId)
                .id(executionId)
                .text(detail)
                .i64(expiresMs)
                .bool(freed);
        if (!earlier.isEmpty()) {
            form.u8(earlier.size());
            earlier.forEach(form::rawId);
        }
        return form.finish();
    }

    static KeyBinding decode(byte[] bytes) {
        Bytes in = Bytes.reader(bytes);
        int version = in.u8();
        if (version != 1 && version != 2) { // from before keys were freed, or of a key that one had after the other
            Versions.expect(version, 3, "key binding");
        }
        KeyBinding binding = new KeyBinding(
                KeyUse.values()[in.u8()],
                in.rawId(),
                in.text(),
                in.rawId(),
                in.id(),
                in.text(),
                in.i64(),
                version > 1 && in.bool());
        List<UUID> earlier = new ArrayList<>();
        for (int left = version > 2 ? in.u8() : 0; left > 0; left--) {
            earlier.add(in.rawId());
        }
        return binding.after(List.copyOf(earlier));
    }

    private KeyBinding after(List<UUID> those) {
        return new KeyBinding(use, orgId, key, targetId, executionId, detail, expiresMs, freed, those);
    }

    KeyBinding free() {
        return new KeyBinding(use, orgId, key, targetId, executionId, detail, expiresMs, true, earlier);
    }

    /** @return the same, in the place of one that was freed */
    KeyBinding inPlaceOf(KeyBinding before) {
        List<UUID> those = new ArrayList<>(before.earlier);
        those.add(before.targetId);
        return after(List.copyOf(those.subList(Math.max(0, those.size() - MOST_EARLIER), those.size())));
    }

    /** @return what was due of it before there were buckets; nothing for uses that are younger */
    Optional<Due> due() {
        return switch (use) {
            case WORKFLOW -> Optional.of(new Due(expiresMs, Due.Type.WORKFLOW_KEY_EXPIRY, orgId, key));
            case TASK -> Optional.of(new Due(expiresMs, Due.Type.TASK_KEY_EXPIRY, orgId, key));
            case PROMISE -> Optional.of(new Due(expiresMs, Due.Type.PROMISE_KEY_EXPIRY, orgId, key));
            case SIGNAL -> Optional.empty();
        };
    }
}
