package io.millrace.proto.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AnnouncementTest {

    private final List<DirectoryRecord> written = new ArrayList<>();
    private final List<CompletableFuture<Void>> results = new ArrayList<>();
    private final Announcement announcement = new Announcement(record -> {
        written.add(record);
        results.add(new CompletableFuture<>());
        return results.getLast();
    });

    private static DirectoryRecord owning(int partition) {
        return DirectoryRecord.newBuilder()
                .setDispatcher(DispatcherNode.newBuilder().addPartitions(partition))
                .build();
    }

    private void fail(int write) {
        results.get(write).completeExceptionally(new IllegalStateException("Kafka is away"));
    }

    @Test
    void whatFailsIsSaidAgainUntilItGetsThrough() {
        announcement.say(owning(1));
        announcement.sayAgainIfFailed();
        assertEquals(List.of(owning(1)), written, "it is under way");
        fail(0);
        announcement.sayAgainIfFailed();
        fail(1);
        announcement.sayAgainIfFailed();
        results.get(2).complete(null);
        announcement.sayAgainIfFailed();
        assertEquals(List.of(owning(1), owning(1), owning(1)), written);
    }

    @Test
    void whatFailsIsNotSaidAgainOnceSomethingNewerIsSaid() {
        announcement.say(owning(1));
        announcement.say(owning(2));
        fail(0);
        announcement.sayAgainIfFailed();
        assertEquals(List.of(owning(1), owning(2)), written);
        fail(1);
        announcement.sayAgainIfFailed();
        assertEquals(List.of(owning(1), owning(2), owning(2)), written);
    }
}
