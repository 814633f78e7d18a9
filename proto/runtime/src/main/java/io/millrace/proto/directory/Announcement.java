package io.millrace.proto.directory;

import io.millrace.proto.v1.DirectoryRecord;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The latest record of what this node says of itself, which is said again until Kafka has it. Any thread. */
final class Announcement {

    private final Function<DirectoryRecord, CompletableFuture<Void>> write;
    private DirectoryRecord latest;
    private boolean failed;

    /** @param write puts a record on the topic, those of several calls in their order; must not block */
    Announcement(Function<DirectoryRecord, CompletableFuture<Void>> write) {
        this.write = write;
    }

    /** Says it; what was said before counts no longer, whether it got through or not. */
    synchronized CompletableFuture<Void> say(DirectoryRecord record) {
        latest = record;
        failed = false;
        CompletableFuture<Void> said = write.apply(record);
        said.whenComplete((done, failure) -> told(record, failure));
        return said;
    }

    private synchronized void told(DirectoryRecord record, Throwable failure) {
        if (record == latest) {
            failed = failure != null;
        }
    }

    /** Says the latest once more, if it did not get through. To be called now and then. */
    synchronized void sayAgainIfFailed() {
        if (failed) {
            say(latest);
        }
    }
}
