package io.millrace.infra.server.installation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.config.ServerConfig;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever goes wrong, the notes are written in the end. */
class InstallationNotesTest {

    private final List<String> kinds = new CopyOnWriteArrayList<>();
    private final CountDownLatch kept = new CountDownLatch(1);
    private final AtomicInteger failures = new AtomicInteger();

    @Test
    void whatNobodyExpectedDoesNotKeepTheNotesFromBeingWritten(@TempDir Path folder) throws InterruptedException {
        ServerConfig config = ServerConfig.load(
                Map.of("server.node", "n", "server.data", folder.toString(), "kafka.bootstrap_servers", "none:1"),
                Map.of(),
                Optional.empty());

        try (InstallationNotes notes = new InstallationNotes(config, List.of(), log(), directory())) {
            notes.start();

            assertTrue(kept.await(30, TimeUnit.SECONDS), () -> "written: " + kinds);
            assertEquals(2, failures.get(), "the directory failed twice");
            assertEquals(1, kinds.stream().filter(Notes.STARTED::equals).count(), kinds::toString);
        }
        assertEquals(Notes.STOPPED, kinds.getLast());
    }

    /** A log that takes all. */
    private CommandLog log() {
        return (CommandLog) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {CommandLog.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "partitions" -> 8;
                    case "node" -> "n";
                    case "askPartition" -> {
                        note(args[1]);
                        yield CompletableFuture.completedFuture(ReplyRecord.getDefaultInstance());
                    }
                    case "tell" -> {
                        note(args[1]);
                        yield CompletableFuture.completedFuture(null);
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private void note(Object command) {
        kinds.add(((CommandRecord.Builder) command).getRecordNote().getKind());
    }

    /** A directory that fails twice when it is asked what was noted last. */
    private Directory directory() {
        return (Directory) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Directory.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "dispatcherOf" -> Optional.of(method.getReturnType());
                    case "noted" -> {
                        if (failures.get() < 2) {
                            failures.incrementAndGet();
                            throw new IllegalStateException("nobody expected this");
                        }
                        yield Optional.empty();
                    }
                    case "keepNoted" -> {
                        kept.countDown();
                        yield CompletableFuture.completedFuture(null);
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
