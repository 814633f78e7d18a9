package io.millrace.infra.embedded;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A process that runs a broker, says where, and waits to be killed. */
final class KafkaChild {

    private KafkaChild() {}

    public static void main(String[] args) throws InterruptedException {
        System.out.println(EmbeddedKafka.start(Path.of(args[0]), 0).access().bootstrapServers());
        new CountDownLatch(1).await();
    }

    /** @return what clients of the child need, which works on the folder and has said where it listens */
    static KafkaAccess access(Path folder, String said) {
        return new KafkaAccess(said, BrokerSettings.client(Password.of(folder)));
    }
}
