package io.millrace.infra.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kafka.Kafka;

/**
 * A node of Kafka as a process of its own: the only one, in a folder, or one of a {@link KafkaCluster}. It ends in order
 * when nobody holds its input any more.
 */
public final class KafkaMain {

    /** The line that it says: the only node when clients can use it, one of several when it begins to start. */
    public static final String READY = "ready";

    private KafkaMain() {}

    /** @param args the folder of the only node, or the file of one of several */
    public static void main(String[] args) {
        Path path = Path.of(args[0]);
        if (Files.isRegularFile(path)) {
            oneOfSeveral(path);
        } else {
            alone(path);
        }
    }

    private static void alone(Path folder) {
        EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
        kafka.stopped().whenComplete((stopped, fault) -> {
            if (fault != null) {
                Runtime.getRuntime().halt(1);
            }
        });
        System.out.println(READY);
        awaitEndOfInput();
        kafka.close();
        System.exit(0);
    }

    /** Kafka's own start, which knows no development. It stops in order when the process is told to end. */
    private static void oneOfSeveral(Path file) {
        Thread.ofPlatform().daemon(true).name("millrace-end-of-input").start(() -> {
            awaitEndOfInput();
            System.exit(0);
        });
        System.out.println(READY);
        Kafka.main(new String[] {file.toString()});
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is said to it.
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
