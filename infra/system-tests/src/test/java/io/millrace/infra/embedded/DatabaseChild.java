package io.millrace.infra.embedded;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A process that runs a database, says where, and waits to be killed. */
final class DatabaseChild {

    private DatabaseChild() {}

    public static void main(String[] args) throws InterruptedException {
        System.out.println(EmbeddedDatabase.start(Path.of(args[0])).jdbcUrl());
        new CountDownLatch(1).await();
    }
}
