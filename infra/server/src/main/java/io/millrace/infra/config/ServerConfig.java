package io.millrace.infra.config;

import io.millrace.infra.door.DirectMemory;
import io.millrace.infra.door.DoorSettings;
import io.millrace.ingest.AuditSettings;
import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.ApprovalSettings;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.config.ConfigException;
import io.millrace.ingest.encryption.ErasureTimes;
import io.millrace.ingest.http.HttpSettings;
import io.millrace.ingest.limits.LoadSettings;
import io.millrace.proto.directory.RegistrationLimits;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKeys;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All settings of a node, checked.
 *
 * @param roles what the node does; at least one role
 * @param node name of the node, unique and lasting
 * @param onlyNode whether it is certain that there is no other node
 * @param stopDelay how long it goes on to serve once it is told to stop
 * @param access organisations and keys
 * @param grpc where gRPC listens
 * @param http where HTTP listens
 * @param tls where TLS is spoken
 * @param kafka how to reach Kafka
 * @param macs what the node does with MACs of commands
 * @param topics how the topics are expected to be
 * @param database how to reach PostgreSQL, if there is a read model
 * @param dispatcher settings of the role dispatcher
 * @param leases how work is lent to workers
 * @param limits how much requests and workflows may hold
 * @param notary how the transparency logs are kept, if they are
 * @param audit what is done for the audit
 * @param telemetry what others get to see of the node
 * @param stated what the log tells of all these settings
 */
public record ServerConfig(
        Set<NodeRole> roles,
        String node,
        boolean onlyNode,
        Duration stopDelay,
        Access access,
        GrpcSettings grpc,
        HttpSettings http,
        TlsSettings tls,
        KafkaSettings kafka,
        MacSettings macs,
        TopicSettings topics,
        Optional<DatabaseSettings> database,
        DispatcherSettings dispatcher,
        LeaseSettings leases,
        LimitSettings limits,
        Optional<NotarySettings> notary,
        AuditSettings audit,
        TelemetrySettings telemetry,
        StatedSettings stated) {

    private static final List<String> LOG_FORMATS = List.of("text", "json");
    private static final List<String> LOG_LEVELS = List.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR");
    private static final int MEMORY_PARTS = 4;
    /** One organisation may have half of the histories, and one of its connections half of that. */
    private static final int CONNECTION_PARTS = 4;

    private static final Duration LONGEST_COMMIT_INTERVAL = Duration.ofSeconds(30);
    private static final Duration LONGEST_READ_LEASE = Duration.ofMinutes(1);

    /**
     * @param options settings from the command line, by key. They win over the environment, and the environment wins
     *     over the file
     * @param environment the process's environment variables
     * @throws ConfigException if a key is unknown, missing, or has a value that does not fit
     */
    public static ServerConfig load(Map<String, String> options, Map<String, String> environment, Optional<Path> file) {
        expect("MILLRACE_LOG_FORMAT", LOG_FORMATS, environment.getOrDefault("MILLRACE_LOG_FORMAT", "text"));
        expect(
                "MILLRACE_LOG",
                LOG_LEVELS,
                environment.getOrDefault("MILLRACE_LOG", "INFO").toUpperCase(Locale.ROOT));
        SettingValues values = SettingValues.of(options, environment, file);
        ServerConfig config = new ServerConfig(
                Set.copyOf(values.get(Settings.ROLES)),
                values.find(Settings.NODE).orElseGet(ServerConfig::hostName),
                values.get(Settings.ONLY_NODE),
                values.get(Settings.STOP_DELAY),
                access(values),
                new GrpcSettings(
                        values.get(Settings.GRPC_HOST),
                        values.get(Settings.GRPC_PORT),
                        values.get(Settings.GRPC_MESSAGE),
                        values.get(Settings.GRPC_METADATA),
                        values.get(Settings.GRPC_KEEP_ALIVE),
                        new DoorSettings(
                                values.get(Settings.GRPC_CONNECTIONS),
                                values.get(Settings.GRPC_CALLS),
                                values.get(Settings.GRPC_STRANGERS),
                                values.get(Settings.GRPC_PATIENCE))),
                new HttpSettings(
                        values.get(Settings.HTTP_HOST),
                        values.get(Settings.HTTP_PORT),
                        values.get(Settings.HTTP_BODY),
                        values.get(Settings.HTTP_STREAMS)),
                TlsSettings.of(values),
                kafka(values),
                macs(values),
                topics(values),
                database(values),
                dispatcher(values, values.get(Settings.DATA)),
                new LeaseSettings(
                        values.get(Settings.WORKFLOW_LEASE),
                        values.get(Settings.TASK_LEASE),
                        values.get(Settings.TASK_LONGEST),
                        values.get(Settings.DELIVERIES),
                        values.get(Settings.WORKER_SILENCE),
                        values.get(Settings.WORKER_RETURN),
                        values.get(Settings.WORKER_FORGET),
                        values.get(Settings.BULK_JOB),
                        values.get(Settings.BINDING),
                        values.get(Settings.POLL_HOLD)),
                limits(values),
                NotarySettings.of(values),
                new AuditSettings(
                        values.get(Settings.AUDIT_READS),
                        values.get(Settings.REASON_REQUIRED),
                        new TrustedProxies(
                                values.find(Settings.PROXIES).orElse(List.of()),
                                values.find(Settings.PROXY_PROTOCOL).orElse(List.of())),
                        approvals(values)),
                new TelemetrySettings(
                        values.find(Settings.OTLP),
                        values.get(Settings.BEGUN_TRACES),
                        values.get(Settings.QUEUE_FIGURES),
                        values.get(Settings.KIND_FIGURES)),
                StatedSettings.of(values));
        config.checkOnlyNodeDoesAll();
        config.checkKeysAreSecret(values.find(Settings.ACCESS_FILE).isPresent());
        return config;
    }

    /** @return the node's data folder, absolute */
    public Path data() {
        return Objects.requireNonNull(
                dispatcher.stateDir().toAbsolutePath().normalize().getParent(), "folder that the stores' folder is in");
    }

    /** @return the same, for the only node of its installation */
    public ServerConfig asOnlyNode() {
        return with(true, kafka, macs, database, limits);
    }

    /** @return the same on another Kafka; these properties are added for its clients */
    public ServerConfig withKafka(String servers, Map<String, Object> properties) {
        Map<String, Object> all = new HashMap<>(kafka.properties());
        all.putAll(properties);
        return with(
                onlyNode,
                new KafkaSettings(servers, kafka.answerTimeout(), kafka.reportTimeout(), all),
                macs,
                database,
                limits);
    }

    /** @return the same with these keys for the MACs of commands */
    public ServerConfig withMacKeys(MacKeys keys) {
        return with(onlyNode, kafka, new MacSettings(macs.mode(), keys), database, limits);
    }

    /** @return the same with this database for the read model */
    public ServerConfig withDatabase(DatabaseSettings settings) {
        return with(onlyNode, kafka, macs, Optional.of(settings), limits);
    }

    /** @return the same with these limits */
    public ServerConfig withLimits(LimitSettings settings) {
        return with(onlyNode, kafka, macs, database, settings);
    }

    private ServerConfig with(
            boolean only, KafkaSettings on, MacSettings by, Optional<DatabaseSettings> into, LimitSettings within) {
        return new ServerConfig(
                roles,
                node,
                only,
                stopDelay,
                access,
                grpc,
                http,
                tls,
                on,
                by,
                topics,
                into,
                dispatcher,
                leases,
                within,
                notary,
                audit,
                telemetry,
                stated);
    }

    /** @return whether this node has the role */
    public boolean has(NodeRole role) {
        return roles.contains(role);
    }

    /** Logback takes what it does not know for another value, without a word. */
    private static void expect(String variable, List<String> known, String found) {
        if (!known.contains(found)) {
            throw new ConfigException("expected one of " + String.join(", ", known) + " as the variable " + variable
                    + ", but found " + found);
        }
    }

    private static KafkaSettings kafka(SettingValues values) {
        return new KafkaSettings(
                values.get(Settings.KAFKA_SERVERS),
                values.get(Settings.KAFKA_ANSWER),
                values.get(Settings.KAFKA_REPORT),
                Map.copyOf(values.kafkaProperties()));
    }

    private static MacSettings macs(SettingValues values) {
        try {
            return new MacSettings(
                    values.get(Settings.MAC_MODE),
                    values.find(Settings.MAC_KEYS).map(MacKeys::read).orElse(MacKeys.NONE));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(Settings.MAC_KEYS.key() + ": " + e.getMessage(), e);
        }
    }

    /** The keys that seal requests are not set yet: they are the keys of commands, which are certain only later. */
    private static ApprovalSettings approvals(SettingValues values) {
        Set<ApprovalAction> required = values.find(Settings.APPROVALS).orElse(Set.of());
        return new ApprovalSettings(required, values.get(Settings.APPROVAL_EXPIRY), CommandMacs.OFF);
    }

    private static TopicSettings topics(SettingValues values) {
        TopicSettings topics = new TopicSettings(
                values.get(Settings.PARTITIONS),
                values.get(Settings.REPLICATION),
                values.get(Settings.IN_SYNC),
                values.get(Settings.SHORT_RETENTION),
                values.get(Settings.STREAM_RETENTION),
                new ErasureTimes(values.get(Settings.ERASED_WITHIN)));
        if (topics.minInSyncReplicas() > topics.replicationFactor()) {
            throw new ConfigException("expected topics.min_insync_replicas to be at most"
                    + " topics.replication_factor, " + topics.replicationFactor() + ", but it is "
                    + topics.minInSyncReplicas());
        }
        return topics;
    }

    private static LimitSettings limits(SettingValues values) {
        LimitSettings limits = new LimitSettings(
                values.get(Settings.PAYLOAD),
                values.get(Settings.SUBMISSION),
                values.get(Settings.HISTORY),
                values.get(Settings.CONTINUE_AS_NEW),
                values.get(Settings.SIGNALS),
                values.get(Settings.CLOSED),
                values.get(Settings.REGISTRATION),
                new RegistrationLimits(values.get(Settings.REGISTRATIONS), values.get(Settings.REGISTRATIONS_BYTES)),
                values.get(Settings.REFUSALS),
                load(values));
        if (limits.payloadBytes() >= limits.historyBytes()) {
            throw new ConfigException("expected limits.payload_bytes to be less than limits.history_bytes, "
                    + limits.historyBytes() + ", since each payload stands in a history, but it is "
                    + limits.payloadBytes());
        }
        return limits;
    }

    private static LoadSettings load(SettingValues values) {
        long direct = DirectMemory.most() / MEMORY_PARTS;
        long fitting = Runtime.getRuntime().maxMemory() / MEMORY_PARTS / values.get(Settings.HISTORY);
        int histories = values.find(Settings.HISTORIES).orElse(Math.clamp(fitting, 2, Integer.MAX_VALUE));
        return new LoadSettings(
                values.get(Settings.CALLS),
                values.get(Settings.POLLS),
                values.get(Settings.HTTP_STREAMS),
                histories,
                Math.min(values.get(Settings.GRPC_HISTORIES), Math.max(1, histories / CONNECTION_PARTS)),
                values.find(Settings.UNREAD).map(Integer::longValue).orElse(direct),
                values.get(Settings.GRPC_UNREAD),
                values.find(Settings.REQUESTS).map(Integer::longValue).orElse(direct));
    }

    private static DispatcherSettings dispatcher(SettingValues values, Path data) {
        Duration commitInterval = values.get(Settings.COMMIT);
        if (commitInterval.isZero() || commitInterval.compareTo(LONGEST_COMMIT_INTERVAL) > 0) {
            throw new ConfigException("expected dispatcher.commit_interval to be 1ms to "
                    + DurationText.show(LONGEST_COMMIT_INTERVAL) + ", because Kafka's transactions end after "
                    + "1m, the commit included, but it is " + DurationText.show(commitInterval));
        }
        Duration readLease = values.get(Settings.READ_LEASE);
        if (readLease.compareTo(LONGEST_READ_LEASE) > 0) {
            throw new ConfigException("expected dispatcher.read_lease to be at most "
                    + DurationText.show(LONGEST_READ_LEASE) + ", because nobody answers for a partition for as long"
                    + " where a node is lost, but it is " + DurationText.show(readLease));
        }
        return new DispatcherSettings(
                values.get(Settings.APPLICATION),
                data.resolve("streams"),
                values.get(Settings.THREADS),
                commitInterval,
                values.get(Settings.MEMORY),
                values.get(Settings.HINT_REPEAT),
                readLease,
                values.get(Settings.READS_BIND),
                readsHost(values),
                values.get(Settings.READS_PORT),
                values.get(Settings.READS_CONNECTIONS));
    }

    /** An address that is wrong would lead the reads of other nodes to nobody, or to another node. */
    private static String readsHost(SettingValues values) {
        String bind = values.get(Settings.READS_BIND);
        String host = values.find(Settings.READS_HOST).orElse(bind);
        if (values.get(Settings.ROLES).contains(NodeRole.DISPATCHER) && Loopback.isAnyAddress(host)) {
            throw new ConfigException("expected " + Settings.READS_HOST.key() + " (or the variable "
                    + Settings.READS_HOST.variable()
                    + ") to say at which name or address other nodes reach this one, because "
                    + Settings.READS_BIND.key() + " = " + bind + " is all addresses of this host, but "
                    + (values.find(Settings.READS_HOST).isPresent() ? "it is " + host : "the key is missing"));
        }
        return host;
    }

    private static Optional<DatabaseSettings> database(SettingValues values) {
        return values.find(Settings.POSTGRES_URL)
                .map(url -> new DatabaseSettings(
                        url,
                        values.get(Settings.POSTGRES_USER),
                        values.find(Settings.POSTGRES_PASSWORD).orElse(""),
                        values.get(Settings.POSTGRES_POOL)));
    }

    private static Access access(SettingValues values) {
        return values.find(Settings.ACCESS_FILE).map(AccessFile::read).orElseGet(Access::development);
    }

    private void checkOnlyNodeDoesAll() {
        if (onlyNode && roles.size() < NodeRole.values().length) {
            throw new ConfigException("expected all roles in " + Settings.ROLES.key() + ", because "
                    + Settings.ONLY_NODE.key() + " says that there is no other node, but there are only "
                    + roles.stream().map(NodeRole::key).sorted().collect(Collectors.joining(", ")));
        }
    }

    /** The development keys stand in the documentation. So anybody who reaches the port has them, or needs none. */
    private void checkKeysAreSecret(boolean ownKeys) {
        if (ownKeys && access.authRequired() || onLoopbackOnly()) {
            return;
        }
        String found = ownKeys
                ? "it says that none is required (auth.enabled = false)"
                : "there is none, and the development keys are known to everybody";
        throw new ConfigException("expected " + Settings.ACCESS_FILE.key()
                + " (or the variable CONFIG_FILE) to name a file of keys, because the server listens beyond loopback ("
                + grpc.host() + ", " + http.host() + "), but " + found);
    }

    private boolean onLoopbackOnly() {
        return Loopback.is(grpc.host()) && (Loopback.is(http.host()) || !has(NodeRole.INGEST));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            throw new ConfigException(
                    "expected the host to have a name, because " + Settings.NODE.key() + " is not set, but it has none",
                    e);
        }
    }
}
