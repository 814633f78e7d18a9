package io.millrace.infra.bench;

import io.millrace.infra.config.DatabaseSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Processor time that this process and its database have used until a moment, by what they used it for. Threads are told apart by their
 * names. Those that have ended count as the JVM's own.
 */
final class ProcessorTimes {

    private static final Path THREADS = Path.of("/proc/self/task");
    private static final String DATABASE = "PostgreSQL";
    private static final String COMPILER = "JIT compiler";
    private static final String JVM = "collector and rest of the JVM";
    private static final String OTHERS = "other threads";

    /** @param beginnings what the names of its threads begin with; of the groups, the first that fits counts */
    private record Group(String name, List<String> beginnings) {
        boolean has(String thread) {
            return beginnings.stream().anyMatch(thread::startsWith);
        }
    }

    private static final List<Group> GROUPS = List.of(
            new Group("read model and notary", List.of("millrace-read-model", "millrace-notary", "millrace-patrol")),
            new Group("stream thread", List.of("millrace-dispatcher")),
            new Group("gRPC of the server", List.of("millrace-grpc")),
            new Group("gRPC of the clients", List.of("grpc-")),
            new Group("producers of Kafka", List.of("kafka-producer-network-thread")),
            new Group(
                    "broker",
                    List.of(
                            "data-plane-",
                            "kafka-",
                            "kraft-",
                            "quorum-",
                            "raft-",
                            "broker-",
                            "controller-",
                            "group-coordinator",
                            "transaction",
                            "Txn",
                            "ExpirationReaper",
                            "Log-",
                            "metadata-",
                            "local-")));

    private final Map<String, Long> nanos;
    /** Of the database, by process: some of them come and go. */
    private final Map<Long, Long> ofDatabase;

    private ProcessorTimes(Map<String, Long> nanos, Map<Long, Long> ofDatabase) {
        this.nanos = nanos;
        this.ofDatabase = ofDatabase;
    }

    /** @return what was used until now */
    static ProcessorTimes now(DatabaseSettings database) throws SQLException {
        Map<String, Long> nanos = new LinkedHashMap<>();
        GROUPS.forEach(group -> nanos.put(group.name(), 0L));
        long ofJava = 0;
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo thread = threads.getThreadInfo(id);
            long used = threads.getThreadCpuTime(id);
            if (thread != null && used > 0) {
                ofJava += used;
                nanos.merge(groupOf(thread.getThreadName()), used, Long::sum);
            }
        }
        long compiler = compilerNanos();
        nanos.merge(COMPILER, compiler, Long::sum);
        nanos.merge(JVM, Machine.cpuNanos() - ofJava - compiler, Long::sum);
        return new ProcessorTimes(nanos, databaseNanos(database));
    }

    private static String groupOf(String thread) {
        return GROUPS.stream()
                .filter(group -> group.has(thread))
                .map(Group::name)
                .findFirst()
                .orElse(OTHERS);
    }

    /** No part of Java tells it of the compiler's threads. Linux does; elsewhere it counts as the rest of the JVM. */
    private static long compilerNanos() {
        if (!Files.isDirectory(THREADS)) {
            return 0;
        }
        long nanos = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                nanos += compilerNanos(thread);
            }
        } catch (IOException e) {
            throw new IllegalStateException("expected the system to list the threads of this process", e);
        }
        return nanos;
    }

    private static long compilerNanos(Path thread) {
        try {
            String name = Files.readString(thread.resolve("comm"));
            if (!name.startsWith("C1 ") && !name.startsWith("C2 ")) {
                return 0;
            }
            String used = Files.readString(thread.resolve("schedstat"));
            return Long.parseLong(used.substring(0, used.indexOf(' ')));
        } catch (IOException e) {
            return 0; // it has ended meanwhile
        }
    }

    /** The database's processes are no children of this one. So the database is asked for them; it runs on this machine. */
    private static Map<Long, Long> databaseNanos(DatabaseSettings settings) throws SQLException {
        Map<Long, Long> nanos = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(settings.url(), settings.user(), settings.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pid FROM pg_stat_activity")) {
            while (row.next()) {
                long process = row.getLong(1);
                ProcessHandle.of(process)
                        .flatMap(handle -> handle.info().totalCpuDuration())
                        .ifPresent(used -> nanos.put(process, used.toNanos()));
            }
        }
        return nanos;
    }

    /** @return microseconds since the earlier moment, by what they were used for, shared out among so many */
    Map<String, Double> since(ProcessorTimes earlier, long count) {
        Map<String, Double> micros = new LinkedHashMap<>();
        nanos.forEach((group, now) -> micros.put(group, micros(now - earlier.nanos.getOrDefault(group, 0L), count)));
        long database = ofDatabase.entrySet().stream()
                .mapToLong(process -> process.getValue() - earlier.ofDatabase.getOrDefault(process.getKey(), 0L))
                .sum();
        micros.put(DATABASE, micros(database, count));
        return micros;
    }

    private static double micros(long nanos, long count) {
        return nanos / 1e3 / Math.max(1, count);
    }
}
