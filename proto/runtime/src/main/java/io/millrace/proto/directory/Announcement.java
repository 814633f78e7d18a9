package io.millrace.proto.directory;

import io.millrace.proto.v1.DirectoryRecord;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The latest record of what this node says of itself. It is said again until Kafka has it. Any thread. */
final class Announcement {

    private final Function<DirectoryRecord, CompletableFuture<Void>> write;
    private @Nullable DirectoryRecord latest;
    private boolean failed;

    /** @param write puts a record on the topic, and keeps the order of calls; must not block */
    Announcement(Function<DirectoryRecord, CompletableFuture<Void>> write) {
        this.write = write;
    }

    /** Says the record. What was said before no longer counts, whether it got through or not. */
    synchronized CompletableFuture<Void> say(DirectoryRecord record) {
        latest = record;
        failed = false;
        CompletableFuture<Void> said = write.apply(record);
        said.whenComplete((done, failure) -> told(record, failure));
        return said;
    }

    private synchronized void told(DirectoryRecord record, @Nullable Throwable failure) {
        if (record == latest) {
            failed = failure != null;
        }
    }

    /** Says the latest record once more if it did not get through. To be called now and then. */
    synchronized void sayAgainIfFailed() {
        if (failed && latest != null) {
            say(latest);
        }
    }
}
