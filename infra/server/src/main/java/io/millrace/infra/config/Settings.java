package io.millrace.infra.config;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.partition.Lease;
import io.millrace.infra.door.DoorSettings;
import io.millrace.infra.tls.ClientCertificates;
import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.auth.Network;
import io.millrace.ingest.operations.StampedSettings;
import io.millrace.ingest.validation.Limits;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.directory.RegistrationLimits;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.Binding;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * All settings. docs/configuration.md lists the same ones, and a test compares the two. A value that a part has by itself
 * is taken from there.
 */
final class Settings {

    private static final NotifierConfig NOTIFIER = NotifierConfig.defaults();
    private static final StampedSettings STAMPED = StampedSettings.defaults();
    private static final Limits REQUESTS_HOLD = Limits.defaults();

    static final Setting<Set<NodeRole>> ROLES =
            Setting.of("server.roles", SettingType.ROLES, EnumSet.allOf(NodeRole.class), "What this node does.");
    static final Setting<String> NODE = Setting.without(
            "server.node",
            SettingType.TEXT,
            "Name of this node, which no other node may have, and which it must keep over restarts. Otherwise the host's"
                    + " name.");
    static final Setting<Boolean> ONLY_NODE = Setting.of(
            "server.only_node",
            SettingType.YES_OR_NO,
            false,
            "Whether this node, with all roles, is the only one of its installation for ever. It answers reads while Kafka is"
                    + " away, then, unless it slept since; and never becomes ready where it meets another node.");
    static final Setting<Duration> STOP_DELAY = Setting.of(
            "server.stop_delay",
            SettingType.durationOfAtLeast(Duration.ZERO),
            Duration.ZERO,
            "How long a node that is told to stop goes on to serve, while `/_/ready` and the health check of gRPC say that it"
                    + " stops: as long as whatever balances clients takes to notice.");
    static final Setting<Path> DATA = Setting.of(
            "server.data",
            SettingType.PATH,
            Path.of(".millrace"),
            "Folder of the dispatcher's stores. They are rebuilt from Kafka if it is lost.");
    static final Setting<Path> ACCESS_FILE = Setting.<Path>without(
                    "server.access_file",
                    SettingType.PATH,
                    "File of organisations and API keys. Needed; `millrace dev` has one organisation with well-known keys"
                            + " without it, and listens on loopback only then.")
            .alsoFrom("CONFIG_FILE");

    static final Setting<String> GRPC_HOST = Setting.of(
            "grpc.host", SettingType.TEXT, "127.0.0.1", "Address that gRPC listens on. 0.0.0.0: all addresses.");
    static final Setting<Integer> GRPC_PORT =
            Setting.of("grpc.port", SettingType.PORT, 9090, "Port of gRPC.").alsoFrom("GRPC_SERVER_PORT");
    static final Setting<Integer> GRPC_MESSAGE =
            Setting.of("grpc.max_message_bytes", SettingType.number(1 << 16), 8 << 20, "Largest gRPC request.");
    static final Setting<Integer> GRPC_METADATA = Setting.of(
            "grpc.max_metadata_bytes", SettingType.number(1 << 10), 16 << 10, "Largest header of a gRPC request.");
    static final Setting<Duration> GRPC_KEEP_ALIVE = Setting.of(
            "grpc.permit_keep_alive",
            SettingType.DURATION,
            Duration.ofSeconds(5),
            "Clients that ping more often than this, calls open or not, are sent away.");

    static final Setting<Integer> GRPC_CONNECTIONS = Setting.of(
            "grpc.max_connections",
            SettingType.number(1),
            DoorSettings.defaults().connections(),
            "Connections of gRPC that may be open on this node; no more than a third of the files that the process may open."
                    + " One address may have as many as it leaves free.");
    static final Setting<Integer> GRPC_CALLS = Setting.of(
            "grpc.max_calls_per_connection",
            SettingType.number(1),
            DoorSettings.defaults().calls(),
            "Calls that may be open on one connection, polls and subscriptions too; clients let further ones wait.");
    static final Setting<Integer> GRPC_UNREAD = Setting.of(
            "grpc.unread_bytes_per_connection",
            SettingType.number(1 << 10),
            8 << 20,
            "Answers of one connection that its client has not taken yet; further ones wait.");
    static final Setting<Integer> GRPC_HISTORIES = Setting.of(
            "grpc.histories_per_connection",
            SettingType.number(1),
            32,
            "Histories of one connection that are read, or not taken yet; further ones wait. At most a quarter of"
                    + " `limits.histories`, which leaves as many for other connections of its organisation.");
    static final Setting<Duration> GRPC_STRANGERS = Setting.of(
            "grpc.stranger_timeout",
            SettingType.DURATION,
            DoorSettings.defaults().strangerTimeout(),
            "How long a connection that has shown no known key may be without a call.");
    static final Setting<Duration> GRPC_PATIENCE = Setting.of(
            "grpc.patience",
            SettingType.DURATION,
            DoorSettings.defaults().patience(),
            "How long a client may take nothing of what waits for it before its connection is closed, or leave a request"
                    + " unfinished before its call ends.");

    static final Setting<String> HTTP_HOST = Setting.of(
            "http.host", SettingType.TEXT, "127.0.0.1", "Address that HTTP listens on. 0.0.0.0: all addresses.");
    static final Setting<Integer> HTTP_PORT =
            Setting.of("http.port", SettingType.PORT, 8000, "Port of HTTP.").alsoFrom("SERVER_PORT");
    static final Setting<Integer> HTTP_BODY =
            Setting.of("http.max_body_bytes", SettingType.number(1 << 10), 4 << 20, "Largest HTTP request body.");
    static final Setting<Integer> HTTP_STREAMS = Setting.of(
            "http.max_streams",
            SettingType.number(1),
            2_000,
            "Streams of server-sent events, and requests that wait for an end, that may be open on this node. Shared.");

    static final Setting<Path> TLS_CERTIFICATE = Setting.without(
            "tls.certificate_file",
            SettingType.PATH,
            "File of the certificates that gRPC and HTTP show, PEM, the node's own first. With it both speak TLS and nothing else."
                    + " Read again when it changes, as all files of `[tls]`.");
    static final Setting<Path> TLS_KEY = Setting.without(
            "tls.key_file",
            SettingType.PATH,
            "File of the private key of that certificate, PEM (PKCS #8) without a password. For the server's user only.");
    static final Setting<Path> TLS_CLIENT_CA = Setting.without(
            "tls.client_ca_file",
            SettingType.PATH,
            "File of the authorities, PEM, that certificates of clients have to be from.");
    static final Setting<ClientCertificates> TLS_CLIENTS = Setting.without(
            "tls.client_certificates",
            SettingType.CLIENT_CERTIFICATES,
            "Whether clients of gRPC and HTTP show a certificate. wanted: they may, and one that is not good ends the connection."
                    + " needed: without one there is no connection, for probes and browsers either. Otherwise wanted where there is"
                    + " `tls.client_ca_file`, and none elsewhere.");
    static final Setting<Boolean> PLAIN_TEXT = Setting.of(
            "tls.allow_plain_text_beyond_loopback",
            SettingType.YES_OR_NO,
            false,
            "Whether ports may speak plain text on an address that is not loopback: where a proxy in front ends TLS, and nobody else"
                    + " reaches the ports.");
    static final Setting<Path> NODES_CA = Setting.without(
            "tls.nodes.ca_file",
            SettingType.PATH,
            "File of the authorities, PEM, that certificates of nodes have to be from. With it reads between nodes speak TLS and"
                    + " nothing else, on all nodes.");
    static final Setting<Path> NODES_CERTIFICATE = Setting.without(
            "tls.nodes.certificate_file",
            SettingType.PATH,
            "File of the certificates that this node shows to other nodes. Otherwise those of `tls.certificate_file`.");
    static final Setting<Path> NODES_KEY = Setting.without(
            "tls.nodes.key_file", SettingType.PATH, "File of the private key for that. Otherwise `tls.key_file`.");
    static final Setting<ClientCertificates> NODES_CLIENTS = Setting.of(
            "tls.nodes.client_certificates",
            SettingType.CLIENT_CERTIFICATES,
            ClientCertificates.NONE,
            "Whether nodes that read from this one show a certificate of `tls.nodes.ca_file` beside the proof that they have the"
                    + " keys of the commands.");

    static final Setting<String> KAFKA_SERVERS = Setting.without(
            "kafka.bootstrap_servers",
            SettingType.TEXT,
            "Brokers to begin with, as host:port, separated by commas. Needed.");
    static final Setting<Duration> KAFKA_ANSWER = Setting.of(
            "kafka.answer_timeout",
            SettingType.DURATION,
            Duration.ofSeconds(10),
            "How long a request waits for its command to be written and answered.");
    static final Setting<Duration> KAFKA_REPORT = Setting.of(
            "kafka.report_timeout",
            SettingType.DURATION,
            Duration.ofSeconds(60),
            "The same for workers that submit what a workflow decided or how a task ended: if they hear of an error, the work"
                    + " is done again or fails.");

    static final Setting<Path> KAFKA_FILE = Setting.without(
            "kafka.properties_file",
            SettingType.PATH,
            "File of further properties of Kafka's clients, in the form of Java (`client.properties`): the place for passwords"
                    + " where the settings themselves are no secret. `[kafka.properties]` goes before it.");

    static final Setting<MacMode> MAC_MODE = Setting.of(
            "commands.mac.mode",
            SettingType.MAC_MODE,
            MacMode.REQUIRE,
            "What becomes of commands that no node wrote, as their MACs tell. require: they are refused. write: they are counted,"
                    + " and carried out all the same, for the time in which some nodes write no MACs yet. off: nobody writes or"
                    + " looks at MACs, so whoever may write to the topic of commands can act as anybody.");
    static final Setting<Path> MAC_KEYS = Setting.without(
            "commands.mac.key_file",
            SettingType.PATH,
            "File of the keys for these MACs, the same on all nodes. Needed unless the mode is off; `millrace dev` makes one of"
                    + " its own.");

    static final Setting<Integer> PARTITIONS = Setting.of(
            "topics.partitions",
            SettingType.number(1),
            16,
            "Partitions of commands and events. Ids carry their place, so it must never change.");
    static final Setting<Integer> REPLICATION =
            Setting.of("topics.replication_factor", SettingType.number(1), 3, "Copies of every record.");
    static final Setting<Integer> IN_SYNC = Setting.of(
            "topics.min_insync_replicas",
            SettingType.number(1),
            2,
            "Copies that must stand before a record counts as written.");
    static final Setting<Duration> SHORT_RETENTION = Setting.of(
            "topics.short_retention",
            SettingType.DURATION,
            Duration.ofMinutes(10),
            "How long levels and answers between nodes are kept.");
    static final Setting<Duration> STREAM_RETENTION = Setting.of(
            "topics.task_stream_retention",
            SettingType.DURATION,
            Duration.ofHours(1),
            "How long what tasks stream out is kept.");

    static final Setting<String> POSTGRES_URL = Setting.without(
            "postgres.url",
            SettingType.TEXT,
            "JDBC address of the read model's database. Without it, a node with the role ingest has no read model: lists"
                    + " are unavailable.");
    static final Setting<String> POSTGRES_USER =
            Setting.of("postgres.user", SettingType.TEXT, "millrace", "User of the database.");
    static final Setting<String> POSTGRES_PASSWORD = Setting.without(
            "postgres.password",
            SettingType.TEXT,
            "Password of that user. Better given by the environment than in a file.");
    static final Setting<Integer> POSTGRES_POOL = Setting.of(
            "postgres.pool_size",
            SettingType.number(2),
            DatabaseSettings.POOL_SIZE,
            "Connections of this node to the database for the read model, at the most. Questions of one organisation have half of"
                    + " them. The transparency logs have up to seven besides.");

    static final Setting<String> APPLICATION = Setting.of(
            "dispatcher.application_id",
            SettingType.TEXT,
            "millrace-dispatcher",
            "Name of the dispatchers as a group, and first part of the names of their topics at Kafka. Must never change.");
    static final Setting<Integer> THREADS =
            Setting.of("dispatcher.threads", SettingType.number(1), 1, "Stream threads of this node.");
    static final Setting<Duration> COMMIT = Setting.of(
            "dispatcher.commit_interval",
            SettingType.DURATION,
            Duration.ofSeconds(1),
            "Time between commits, at the most; a lull brings one sooner. Events and the read model wait for it.");
    static final Setting<Integer> MEMORY = Setting.of(
            "dispatcher.memory_mb",
            SettingType.number(1),
            256,
            "Memory for workflows of this node's partitions, mebibytes. Whatever is not in use may leave it; the rest is read"
                    + " from the store.");
    static final Setting<Duration> HINT_REPEAT = Setting.of(
            "dispatcher.hint_repeat",
            SettingType.DURATION,
            Duration.ofSeconds(1),
            "How often it is said again that work stands unclaimed.");
    static final Setting<Duration> READ_LEASE = Setting.of(
            "dispatcher.read_lease",
            SettingType.durationOfAtLeast(Duration.ofNanos(Lease.LENGTH_NANOS)),
            Duration.ofNanos(Lease.LENGTH_NANOS),
            "How long this node answers reads and fires timers after it asked Kafka who is in the group of the dispatchers. More"
                    + " than four times what a request takes where Kafka is slow; 1m at the most. Whoever takes over from a node"
                    + " that did not stop in order waits so long.");
    static final Setting<String> READS_BIND = Setting.of(
            "dispatcher.reads_bind",
            SettingType.TEXT,
            "127.0.0.1",
            "Address that reads of other nodes are served on. Only nodes with a key of `commands.mac.key_file` may read.");
    static final Setting<String> READS_HOST = Setting.without(
            "dispatcher.reads_host",
            SettingType.TEXT,
            "Name or address at which other nodes reach this one for that. Otherwise `dispatcher.reads_bind`; needed where that is"
                    + " all addresses. A node that others do not reach there takes no partitions over, and is not ready.");
    static final Setting<Integer> READS_PORT = Setting.of(
            "dispatcher.reads_port", SettingType.PORT, 9091, "Port that reads of other nodes are served on.");
    static final Setting<Integer> READS_CONNECTIONS = Setting.of(
            "dispatcher.reads_max_connections",
            SettingType.number(16),
            1_000,
            "Connections to that port that may be open on this node; no more than a twelfth of the files that the process may"
                    + " open. Each other node has up to four. One address may have as many as it leaves free, and who shows no"
                    + " key of the nodes a quarter.");

    static final Setting<Duration> WORKFLOW_LEASE = Setting.of(
            "leases.workflow",
            SettingType.DURATION,
            NOTIFIER.leases().workflow(),
            "How long a worker may hold a workflow before another gets it.");
    static final Setting<Duration> TASK_LEASE = Setting.of(
            "leases.task",
            SettingType.DURATION,
            NOTIFIER.leases().task(),
            "How long a worker may hold a task before another gets it, counted from its last sign of life. Longer where the"
                    + " task or its kind may run longer: 30 s more than the time-out that it has.");
    static final Setting<Duration> TASK_LONGEST = Setting.of(
            "leases.task_longest",
            SettingType.DURATION,
            NOTIFIER.leases().taskLongest(),
            "How long a task stays with a worker that sends no heartbeats, at the most, while its connection is open.");
    static final Setting<Integer> DELIVERIES = Setting.of(
            "leases.max_deliveries",
            SettingType.number(1),
            NOTIFIER.leases().maxDeliveries(),
            "Times that work is handed out, at the most, before it fails.");
    static final Setting<Duration> WORKER_SILENCE = Setting.of(
            "leases.worker_silence",
            SettingType.DURATION,
            NOTIFIER.workerReturn().busy(),
            "How long a worker that sends heartbeats, or lost its connection while it was busy, may be silent before others"
                    + " get its work. Longer than twice the time between heartbeats, which is 30 s.");
    static final Setting<Duration> WORKER_RETURN = Setting.of(
            "leases.worker_return",
            SettingType.DURATION,
            NOTIFIER.workerReturn().waiting(),
            "How long a worker whose connection ended while it waited for work has to come back before others get the work"
                    + " in its hands. Long where a proxy between workers and server closes connections that are in use.");
    static final Setting<Duration> WORKER_FORGET = Setting.of(
            "leases.worker_forget",
            SettingType.DURATION,
            Duration.ofDays(7),
            "How long a worker may give no sign of life before its registration is removed. Much longer than servers or"
                    + " workers are ever away: not all workers register again when they come back.");
    static final Setting<Duration> BULK_JOB = Setting.of(
            "leases.bulk_job",
            SettingType.DURATION,
            Duration.ofSeconds(10),
            "How long a node that carries out a bulk job may be silent before another takes it over.");
    static final Setting<Binding> BINDING = Setting.of(
            "leases.binding",
            SettingType.BINDING,
            NOTIFIER.binding(),
            "Who may report work that was handed out. principal: the principal that it was handed to, whatever key or token it"
                    + " shows. credential: that very key or token alone; not for workers whose tokens change while they work.");
    static final Setting<Duration> POLL_HOLD = Setting.of(
            "polls.max_hold",
            SettingType.DURATION,
            NOTIFIER.holds().longest(),
            "How long a poll waits for work, at the most.");

    static final Setting<Integer> PAYLOAD = Setting.of(
            "limits.payload_bytes",
            SettingType.number(1),
            REQUESTS_HOLD.payloadBytes(),
            "Largest JSON payload. Smaller than limits.history_bytes.");
    static final Setting<Integer> SUBMISSION = Setting.of(
            "limits.submission_bytes",
            SettingType.number(1),
            REQUESTS_HOLD.submissionBytes(),
            "Largest set of workflow commands that a worker submits at once.");
    static final Setting<Integer> HISTORY = Setting.of(
            "limits.history_bytes",
            SettingType.number(1, 4_000_000),
            (int) Rules.MAX_HISTORY_BYTES,
            "Largest history; a workflow that outgrows it fails. Workers cannot read 4 MB and more.");
    static final Setting<Integer> CONTINUE_AS_NEW = Setting.of(
            "limits.continue_as_new_events",
            SettingType.number(1),
            10_000,
            "From so many events of its history on, workers are advised to let a workflow continue as new; and from three"
                    + " quarters of limits.history_bytes on. It goes on all the same.");
    static final Setting<Integer> SIGNALS = Setting.of(
            "limits.signals", SettingType.number(1), STAMPED.maxSignals(), "Signals of one workflow, at the most.");
    /**
     * At least a minute: with less, starts of children that are merely sent twice in a row would be taken for late
     * ones.
     */
    static final Setting<Duration> CLOSED = Setting.of(
            "limits.closed_retention",
            SettingType.durationOfAtLeast(Duration.ofMinutes(1)),
            STAMPED.retention(),
            "How long ended workflows stay in the dispatcher's stores; the log keeps them for ever. Children whose"
                    + " start could not be sent for half of that fail, since they may have run.");

    static final Setting<Integer> REGISTRATION = Setting.of(
            "limits.registration_bytes",
            SettingType.number(1 << 10),
            REQUESTS_HOLD.registrationBytes(),
            "Largest registration of a worker.");
    static final Setting<Integer> REGISTRATIONS = Setting.of(
            "limits.registrations",
            SettingType.number(1),
            RegistrationLimits.defaults().registrations(),
            "Registrations of one organisation. Beyond, those that have been silent for the longest time are removed, if for"
                    + " an hour; otherwise the new one is refused.");
    static final Setting<Integer> REGISTRATIONS_BYTES = Setting.of(
            "limits.registrations_bytes",
            SettingType.number(1 << 10),
            (int) RegistrationLimits.defaults().bytes(),
            "The same, in bytes.");
    static final Setting<Integer> REFUSALS = Setting.of(
            "limits.refusals",
            SettingType.number(1),
            RefusedRequests.USUAL_PER_MINUTE,
            "Refused requests of one principal that each have a record on the log, in a minute. The rest of the minute has one"
                    + " record together, which says how many there were of what.");
    static final Setting<Integer> CALLS = Setting.of(
            "limits.calls",
            SettingType.number(2),
            20_000,
            "gRPC calls and HTTP requests that may be under way on this node, without those that wait for work. Shared. One"
                    + " connection of gRPC may have a quarter.");
    static final Setting<Integer> POLLS = Setting.of(
            "limits.polls",
            SettingType.number(2),
            50_000,
            "Polls, subscriptions and calls that wait for an end that may be open on this node. Shared.");
    static final Setting<Integer> HISTORIES = Setting.without(
            "limits.histories",
            SettingType.number(2),
            "Reads of what may be as large as a history that are under way on this node, or of gRPC not taken yet; further ones"
                    + " wait. Shared. Otherwise as many as histories fit into a quarter of the heap, at their largest.");
    static final Setting<Integer> UNREAD = Setting.without(
            "limits.unread_bytes",
            SettingType.number(1 << 10),
            "Answers and event streams of this node that their clients have not taken yet; further ones wait. Shared. Otherwise"
                    + " a quarter of the memory that the JVM allows outside its heap.");
    static final Setting<Integer> REQUESTS = Setting.without(
            "limits.request_bytes",
            SettingType.number(1 << 10),
            "Requests of more than 16 KiB, of gRPC and of HTTP, that are under way on this node or have come in part. Shared."
                    + " Otherwise a quarter of the memory that the JVM allows outside its heap.");

    static final Setting<String> AUDIT_ORIGIN = Setting.without(
            "audit.origin",
            SettingType.TEXT,
            "Name of the installation's transparency logs, best an address that is yours, without scheme: example.com/millrace. That"
                    + " of a partition is this, a slash and its number. Must never change. Needed with keys.");
    static final Setting<Path> AUDIT_KEY_FILE = Setting.without(
            "audit.key_file",
            SettingType.PATH,
            "File of keys that sign the transparency logs, as `millrace audit keygen` writes it; of several keys all sign. Without"
                    + " keys there are no such logs. Shared.");
    static final Setting<String> AUDIT_KEY_STORE_TYPE = Setting.without(
            "audit.key_store_type",
            SettingType.TEXT,
            "Takes the keys from a key store of this type instead, such as PKCS12 or PKCS11.");
    static final Setting<Path> AUDIT_KEY_STORE =
            Setting.without("audit.key_store", SettingType.PATH, "File of that key store. A device has none.");
    static final Setting<String> AUDIT_KEY_PROVIDER = Setting.without(
            "audit.key_store_provider",
            SettingType.TEXT,
            "Security provider of that key store, such as SunPKCS11. Otherwise any that has the type.");
    static final Setting<String> AUDIT_KEY_PROVIDER_CONFIG = Setting.without(
            "audit.key_store_provider_config",
            SettingType.TEXT,
            "What that provider is configured with: for SunPKCS11 the file that names the library.");
    static final Setting<String> AUDIT_KEY_STORE_PASSWORD = Setting.without(
            "audit.key_store_password",
            SettingType.TEXT,
            "Password of that key store, or PIN of the device. Better given by the environment than in a file.");
    static final Setting<String> AUDIT_KEY_ALIASES = Setting.without(
            "audit.key_store_aliases",
            SettingType.TEXT,
            "Aliases of the keys there, separated by commas. Needed with a key store.");
    static final Setting<Duration> AUDIT_INTERVAL = Setting.of(
            "audit.checkpoint_interval",
            SettingType.DURATION,
            Duration.ofSeconds(10),
            "Time between checkpoints of a partition, at the least; without new outcomes there are none. One"
                    + " that is needed for a proof is made at once.");
    static final Setting<Integer> AUDIT_PATROL = Setting.of(
            "audit.patrol_rate",
            SettingType.number(0),
            100,
            "Old outcomes that this node reads again in a second, to see that they are as they were. 0: none.");
    static final Setting<String> AUDIT_WITNESSES = Setting.without(
            "audit.witnesses",
            SettingType.TEXT,
            "Witnesses that are asked to sign each checkpoint, a list of verifier key, @ and address:"
                    + " `w.example/1+…@https://w.example`.");

    static final Setting<List<Network>> PROXIES = Setting.without(
            "audit.trusted_proxies",
            SettingType.NETWORKS,
            "Proxies whose headers Forwarded and X-Forwarded-For are believed: the log then names the client that they tell of"
                    + " beside them. Of anybody else these headers are not looked at.");
    static final Setting<List<Network>> PROXY_PROTOCOL = Setting.without(
            "audit.proxy_protocol",
            SettingType.NETWORKS,
            "Proxies that begin each connection, of gRPC and of HTTP, with a header of the PROXY protocol, version 2: the log names"
                    + " the client that it tells of beside them. From there a connection without one is closed; from elsewhere none"
                    + " is read. Where the client it tells of is one of audit.trusted_proxies, its headers are believed as well.");
    static final Setting<Boolean> AUDIT_READS = Setting.of(
            "audit.reads",
            SettingType.YES_OR_NO,
            false,
            "Whether it stands in the log who read payloads: executions, histories, states and streams, lists that have errors,"
                    + " and inputs of schedules, before they are given."
                    + " Each such read then waits until the engine has taken the note, and fails if it does not."
                    + " Workers' reads are among them: each activation of a workflow reads its history once.");
    static final Setting<Boolean> REASON_REQUIRED = Setting.of(
            "audit.require_reason",
            SettingType.YES_OR_NO,
            false,
            "Whether what ends work, holds it back or has it done again needs a reason, and so what changes or takes away schedules, saved"
                    + " queries and keys, and what steers bulk jobs; `openapi.json` says it of each request. Over HTTP that is the field"
                    + " `reason`, over gRPC the entry `millrace-reason` of the metadata. The public SDKs' helpers send none: leave it off"
                    + " where they cancel.");

    static final Setting<Set<ApprovalAction>> APPROVALS = Setting.without(
            "approvals.required",
            SettingType.ACTIONS,
            "Actions that somebody else has to approve before they are done. Needs a read model. Shared.");
    static final Setting<Duration> APPROVAL_EXPIRY = Setting.of(
            "approvals.expiry",
            SettingType.durationOfAtLeast(Duration.ofSeconds(1)),
            Duration.ofHours(24),
            "How long a request waits for its approval.");

    static final Setting<Duration> ERASED_WITHIN = Setting.of(
            "encryption.erased_within",
            SettingType.durationOfAtLeast(Duration.ofMinutes(1)),
            Duration.ofMinutes(30),
            "Time after which an erased data key is nowhere any more: neither in the memory of a node nor in the files of Kafka."
                    + " The topic of data keys gets its settings from it.");

    static final Setting<URI> OTLP = Setting.without(
                    "telemetry.otlp_endpoint",
                    SettingType.COLLECTOR,
                    "OpenTelemetry collector, OTLP over gRPC, that spans are handed to: those that workers report, and those of this node"
                            + " itself for callers that trace. Without it they go nowhere. All nodes should name one, or none.")
            .alsoFrom("OTEL_EXPORTER_OTLP_ENDPOINT");

    static final Setting<Integer> BEGUN_TRACES = Setting.of(
            "telemetry.begun_traces",
            SettingType.number(0, 1_000_000),
            0,
            "How many of a million calls that start work, and whose callers do not trace, begin a trace. Only with"
                    + " telemetry.otlp_endpoint. Where callers trace, they say what is recorded.");

    static final Setting<Integer> QUEUE_FIGURES = Setting.of(
            "telemetry.queue_figures",
            SettingType.number(0),
            0,
            "Queues that have figures of their own at `/_/metrics`, at the most: those with the most work ready. They name the"
                    + " organisation and the queue to everybody who reaches the HTTP port. 0: none.");

    static final Setting<Integer> KIND_FIGURES = Setting.of(
            "telemetry.kind_figures",
            SettingType.number(0, 10_000),
            0,
            "Kinds of workflows and tasks, of all organisations together, that have figures of their own at `/_/metrics`, at the most:"
                    + " those that came first. Later ones count as `(other)` of their organisation, and organisations beyond as many"
                    + " as `(other)`. They name the organisation and the kind to everybody who reaches the HTTP port. 0: none.");

    /** Every key that begins with this is handed to all Kafka clients unchanged. */
    static final String KAFKA_PROPERTIES = "kafka.properties.";

    private Settings() {}

    /** @return all settings, in the order of the reference */
    static List<Setting<?>> all() {
        return List.of(
                ROLES,
                NODE,
                ONLY_NODE,
                STOP_DELAY,
                DATA,
                ACCESS_FILE,
                GRPC_HOST,
                GRPC_PORT,
                GRPC_MESSAGE,
                GRPC_METADATA,
                GRPC_KEEP_ALIVE,
                GRPC_CONNECTIONS,
                GRPC_CALLS,
                GRPC_UNREAD,
                GRPC_HISTORIES,
                GRPC_STRANGERS,
                GRPC_PATIENCE,
                HTTP_HOST,
                HTTP_PORT,
                HTTP_BODY,
                HTTP_STREAMS,
                TLS_CERTIFICATE,
                TLS_KEY,
                TLS_CLIENT_CA,
                TLS_CLIENTS,
                PLAIN_TEXT,
                NODES_CA,
                NODES_CERTIFICATE,
                NODES_KEY,
                NODES_CLIENTS,
                KAFKA_SERVERS,
                KAFKA_ANSWER,
                KAFKA_REPORT,
                KAFKA_FILE,
                MAC_MODE,
                MAC_KEYS,
                PARTITIONS,
                REPLICATION,
                IN_SYNC,
                SHORT_RETENTION,
                STREAM_RETENTION,
                POSTGRES_URL,
                POSTGRES_USER,
                POSTGRES_PASSWORD,
                POSTGRES_POOL,
                APPLICATION,
                THREADS,
                COMMIT,
                MEMORY,
                HINT_REPEAT,
                READ_LEASE,
                READS_BIND,
                READS_HOST,
                READS_PORT,
                READS_CONNECTIONS,
                WORKFLOW_LEASE,
                TASK_LEASE,
                TASK_LONGEST,
                DELIVERIES,
                WORKER_SILENCE,
                WORKER_RETURN,
                WORKER_FORGET,
                BULK_JOB,
                BINDING,
                POLL_HOLD,
                PAYLOAD,
                SUBMISSION,
                HISTORY,
                CONTINUE_AS_NEW,
                SIGNALS,
                CLOSED,
                REGISTRATION,
                REGISTRATIONS,
                REGISTRATIONS_BYTES,
                REFUSALS,
                CALLS,
                POLLS,
                HISTORIES,
                UNREAD,
                REQUESTS,
                AUDIT_ORIGIN,
                AUDIT_KEY_FILE,
                AUDIT_KEY_STORE_TYPE,
                AUDIT_KEY_STORE,
                AUDIT_KEY_PROVIDER,
                AUDIT_KEY_PROVIDER_CONFIG,
                AUDIT_KEY_STORE_PASSWORD,
                AUDIT_KEY_ALIASES,
                AUDIT_INTERVAL,
                AUDIT_PATROL,
                AUDIT_WITNESSES,
                PROXIES,
                PROXY_PROTOCOL,
                AUDIT_READS,
                REASON_REQUIRED,
                APPROVALS,
                APPROVAL_EXPIRY,
                ERASED_WITHIN,
                OTLP,
                BEGUN_TRACES,
                QUEUE_FIGURES,
                KIND_FIGURES);
    }
}
