package io.millrace.infra.server;

import io.millrace.dispatcher.topology.DispatcherConfig;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.DispatcherSettings;
import io.millrace.infra.config.KafkaSettings;
import io.millrace.infra.config.LeaseSettings;
import io.millrace.infra.config.LimitSettings;
import io.millrace.infra.config.NodeRole;
import io.millrace.infra.config.ServerConfig;
import io.millrace.ingest.FrontDoorConfig;
import io.millrace.ingest.encryption.Encryption;
import io.millrace.ingest.operations.StampedSettings;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.ingest.validation.Limits;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.directory.KafkaDirectoryConfig;
import io.millrace.proto.log.KafkaCommandLogConfig;
import io.millrace.proto.mac.CommandMacs;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** Translates the configuration of the node into the settings of each part. */
final class Wiring {

    private Wiring() {}

    static KafkaCommandLogConfig commandLog(ServerConfig config) {
        KafkaSettings kafka = config.kafka();
        KafkaCommandLogConfig usual = KafkaCommandLogConfig.defaults(kafka.clients(), config.node());
        return new KafkaCommandLogConfig(
                usual.clients(),
                usual.node(),
                kafka.answerTimeout(),
                kafka.reportTimeout(),
                usual.requestsInFlight(),
                config.limits().historyBytes(),
                config.macs().macs());
    }

    /** @param macs by which it is known what other dispatchers said */
    static KafkaDirectoryConfig directory(ServerConfig config, CommandMacs macs) {
        KafkaDirectoryConfig usual =
                KafkaDirectoryConfig.defaults(config.kafka().clients());
        return new KafkaDirectoryConfig(
                usual.clients(),
                usual.seenIntervalMs(),
                config.leases().workerSilence().toMillis(),
                config.leases().workerForget().toMillis(),
                config.kafka().answerTimeout(),
                config.limits().registrations(),
                macs);
    }

    static Encryption encryption(ServerConfig config) {
        return Encryption.start(
                config.access(),
                config.kafka().clients(),
                config.macs().macs(),
                config.node(),
                config.kafka().answerTimeout(),
                config.topics().erasure());
    }

    static NotifierConfig notifier(ServerConfig config) {
        LeaseSettings leases = config.leases();
        NotifierConfig usual = NotifierConfig.defaults()
                .withLeases(leases.workflow(), leases.task(), leases.taskLongest(), leases.maxDeliveries())
                .withWorkerReturn(leases.workerReturn(), leases.workerSilence())
                .withBinding(leases.binding())
                .withMaxHold(leases.pollHold());
        // The only node hears all levels from its own dispatcher, so it need not read them from Kafka as well.
        return config.onlyNode()
                ? usual
                : usual.withTopic(
                        config.kafka().bootstrapServers(),
                        config.kafka().properties(),
                        config.has(NodeRole.DISPATCHER));
    }

    /** @param readsPort port on which other nodes reach this one */
    static DispatcherConfig dispatcher(ServerConfig config, int readsPort) {
        DispatcherSettings said = config.dispatcher();
        return new DispatcherConfig(
                config.kafka().clients(),
                said.applicationId(),
                new DispatcherConfig.Node(config.node(), config.onlyNode(), said.readsHost(), readsPort),
                said.threads(),
                said.stateDir(),
                new DispatcherConfig.Changelog(
                        config.topics().replicationFactor(), config.topics().minInSyncReplicas()),
                said.memoryMb() * 1024L * 1024,
                config.limits().historyBytes(),
                new DispatcherConfig.Periods(said.commitInterval(), said.hintRepeat(), said.readLease()),
                config.telemetry().kindFigures(),
                config.macs().macs());
    }

    static ReadModelConfig readModel(ServerConfig config, DatabaseSettings database) {
        return database.readModel(config.kafka().clients())
                .sealedWith(config.macs().macs());
    }

    /**
     * A node that died and comes back gets its partitions again at once. Otherwise it would wait until its former
     * session ends.
     */
    static Map<String, Object> projectorMembership(ServerConfig config) {
        return Map.of(
                ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                config.node(),
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                10_000);
    }

    static FrontDoorConfig frontDoor(ServerConfig config) {
        LimitSettings said = config.limits();
        Limits limits = Limits.defaults();
        StampedSettings stamped = StampedSettings.defaults();
        return new FrontDoorConfig(
                config.access(),
                new Limits(
                        said.payloadBytes(),
                        said.submissionBytes(),
                        limits.nameChars(),
                        limits.metadataBytes(),
                        limits.metadataEntries(),
                        said.registrationBytes(),
                        limits.logMessageBytes(),
                        limits.spansPerRequest(),
                        limits.defaultKeyTtlSeconds(),
                        limits.maxKeyTtlSeconds(),
                        limits.maxTaskRetries()),
                new StampedSettings(
                        said.signals(),
                        stamped.maxStaleRounds(),
                        stamped.staleRetryDelay(),
                        stamped.maxRefusedRounds(),
                        stamped.refusalGrace(),
                        said.closedRetention(),
                        stamped.taskRetryDelay(),
                        stamped.maxTaskLogMessages(),
                        stamped.maxTaskLogBytes(),
                        stamped.maxTaskStateBytes()),
                config.http(),
                config.leases().task(),
                config.leases().workerSilence(),
                config.leases().bulkJob(),
                config.kafka().reportTimeout(),
                config.audit().sealedWith(config.macs().macs()));
    }
}
