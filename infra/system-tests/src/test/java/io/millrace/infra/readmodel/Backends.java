package io.millrace.infra.readmodel;

import io.millrace.infra.embedded.EmbeddedDatabase;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** A Kafka with an events topic, and a PostgreSQL of which each test may have databases of its own. */
final class Backends implements AutoCloseable {

    private static final String[] TABLES = {
        "events",
        "workflow_executions",
        "task_executions",
        "audit_trail",
        "pending_approvals",
        "schedules",
        "schedule_runs",
        "bulk_jobs",
        "saved_queries",
        "log_breaks",
        "broken_executions",
        "projection_failures",
        "projector_offsets"
    };

    private final CloseStack parts = new CloseStack();
    private final EmbeddedKafka kafka;
    private final EmbeddedDatabase postgres;

    Backends() throws Exception {
        try {
            TempFolder folder = parts.push("test folder", new TempFolder());
            kafka = parts.push("Kafka", EmbeddedKafka.start(folder.path().resolve("kafka"), 0));
            postgres = parts.push(
                    "PostgreSQL", EmbeddedDatabase.start(folder.path().resolve("postgres")));
            try (Admin admin = Admin.create(kafka.access().client(Map.of()))) {
                admin.createTopics(List.of(
                                new NewTopic(
                                        Topics.COMMANDS, Optional.of(EventsTopic.PARTITIONS), Optional.of((short) 1)),
                                new NewTopic(
                                        Topics.EVENTS, Optional.of(EventsTopic.PARTITIONS), Optional.of((short) 1))))
                        .all()
                        .get(120, TimeUnit.SECONDS);
            }
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    KafkaAccess kafka() {
        return kafka.access();
    }

    /** @return the settings of a read model in a database that nobody has used */
    ReadModelConfig newReadModel() throws SQLException {
        String name = "t" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        String url = postgres.jdbcUrl().replaceAll("/[^/]+$", "/" + name);
        return new ReadModelConfig(
                url,
                postgres.user(),
                postgres.password(),
                4,
                new ClientSettings(
                        kafka.access().bootstrapServers(), kafka.access().properties()));
    }

    /** @return where the committed log ends, as "partition:offset", by partition */
    List<String> ends() {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < EventsTopic.PARTITIONS; partition++) {
            asked.put(new TopicPartition(Topics.EVENTS, partition), OffsetSpec.latest());
        }
        try (Admin admin = Admin.create(kafka.access().client(Map.of()))) {
            Map<TopicPartition, ListOffsetsResultInfo> ends = admin.listOffsets(
                            asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                    .all()
                    .get(120, TimeUnit.SECONDS);
            return ends.entrySet().stream()
                    .sorted(Comparator.comparingInt(end -> end.getKey().partition()))
                    .map(end -> end.getKey().partition() + ":" + end.getValue().offset())
                    .toList();
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Deletes all records that stand in the partition now. */
    void deleteRecords(int partition) throws Exception {
        TopicPartition place = new TopicPartition(Topics.EVENTS, partition);
        try (Admin admin = Admin.create(kafka.access().client(Map.of()))) {
            admin.deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get(120, TimeUnit.SECONDS);
        }
    }

    void execute(ReadModelConfig config, String sql) throws SQLException {
        try (Connection connection = connect(config);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static Connection connect(ReadModelConfig config) throws SQLException {
        return DriverManager.getConnection(config.jdbcUrl(), config.user(), config.password());
    }

    /** @return the first column of all rows, as text */
    static List<String> rows(ReadModelConfig config, String sql) {
        List<String> rows = new ArrayList<>();
        try (Connection connection = connect(config);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return rows;
    }

    static void awaitRows(ReadModelConfig config, String sql, String... expected) {
        Await.until(
                sql + " to give " + List.of(expected), () -> rows(config, sql).equals(List.of(expected)));
    }

    /** @return every column of every row of every table */
    static List<String> everything(ReadModelConfig config) {
        List<String> all = new ArrayList<>();
        for (String table : TABLES) {
            rows(config, "SELECT t::text FROM " + table + " t ORDER BY 1").forEach(row -> all.add(table + row));
        }
        return all;
    }

    @Override
    public void close() {
        parts.close();
    }
}
