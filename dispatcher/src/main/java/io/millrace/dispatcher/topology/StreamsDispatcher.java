package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.partition.AnswerHandOver;
import io.millrace.dispatcher.partition.DueClock;
import io.millrace.dispatcher.partition.IdleDetector;
import io.millrace.dispatcher.partition.NodeContext;
import io.millrace.dispatcher.partition.PartitionMetrics;
import io.millrace.dispatcher.partition.Partitions;
import io.millrace.dispatcher.partition.Repeater;
import io.millrace.dispatcher.partition.SchedulePlanner;
import io.millrace.dispatcher.partition.TenureContext;
import io.millrace.dispatcher.partition.WriterCheck;
import io.millrace.dispatcher.topology.group.DispatcherGroup;
import io.millrace.dispatcher.topology.group.GroupClients;
import io.millrace.dispatcher.topology.group.OpenTransactions;
import io.millrace.dispatcher.topology.group.PeerWatch;
import io.millrace.dispatcher.topology.group.StayingTasks;
import io.millrace.proto.Topics;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.directory.PartitionHolder;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.levels.LevelSink;
import io.millrace.proto.log.ReplySink;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.time.SteadyClock;
import io.millrace.proto.trace.Spans;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.PartitionTenure;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;

/** The Kafka Streams application of one node, with what stands around it. */
public final class StreamsDispatcher implements AutoCloseable {

    private static final int BATCH_BYTES = 128 * 1024;
    /** The shortest that brokers allow as they come: so long a node whose machine is gone keeps its partitions. */
    private static final int SESSION_MS = 6_000;
    /** A heartbeat is how a node hears that partitions are to move, so each step of that takes so long at the most. */
    private static final int HEARTBEAT_MS = 300;
    /**
     * So long a transaction may be open. A commit is several requests, one after the other, and where Kafka is slow each may take
     * seconds. If Kafka aborts the transaction meanwhile, all is done again, as slowly, and nothing is ever carried out. Nobody waits so
     * long for one that a dead node left: whoever takes its partitions over aborts it.
     */
    private static final int TRANSACTION_MS = 60_000;
    /** When a partition that asks for no commits is committed, as one that cannot be read. */
    private static final int COMMIT_ALL_THE_SAME_MS = 30_000;

    /** Of Kafka's half second, the time for which work stood still while a partition changed its owner. */
    private static final int RESTORE_FETCH_MS = 50;

    /**
     * When it is seen next whether a node has read the state of partitions that it is to relieve others of. By default that is after ten
     * minutes, for which it would stand by with all it needs. A look costs a rebalance, in which nothing stands still but what moves.
     * This is the shortest that Kafka Streams takes.
     */
    private static final long LOOK_AGAIN_MS = 60_000;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final DispatcherConfig config;
    private final Partitions partitions = new Partitions();
    private final PartitionMetrics metrics;
    private final KafkaCommandWriter writer;
    private final DueClock clock;
    private final SchedulePlanner planner;
    private final Repeater repeater;
    private final AnswerHandOver answers;
    private final KafkaStreams streams;
    private final DirectoryAnnouncements announcements;
    private final DispatcherGroup group;
    private final GroupClients kafka;
    private final OpenTransactions transactions;
    private final ThreadFailures failures = new ThreadFailures();
    private final PeerWatch peers;
    private final ReadySignal changed = new ReadySignal();

    /** Prepares it; {@link #start} lets it run. */
    public StreamsDispatcher(
            DispatcherConfig config, ReplySink replies, LevelSink levels, Directory directory, Spans spans) {
        this.config = config;
        metrics = new PartitionMetrics(config.kindFigures());
        ClientSettings clients = config.kafka();
        writer = new KafkaCommandWriter(new TopicWriter(Topics.COMMANDS, clients.lasting()), config.macs());
        announcements = new DirectoryAnnouncements(
                directory.tenures(
                        config.node().name(),
                        config.node().host(),
                        config.node().readsPort(),
                        Rules.VERSION),
                changed::signal);
        planner = new SchedulePlanner(partitions, writer, config.node().name());
        group = new DispatcherGroup(
                config.applicationId(),
                clients.client(),
                config.node().name(),
                config.node().only(),
                config.readLeaseNanos(),
                changed::signal,
                failures::hurry);
        clock = new DueClock(
                partitions, writer, config.node().name(), config.maxHistoryBytes(), group::unservedUntilNanos);
        transactions = new OpenTransactions(config.applicationId(), clients.client());
        peers = new PeerWatch(() -> others(directory), group);
        repeater = new Repeater(config.periods().levelRepeat().toMillis());
        answers = new AnswerHandOver(replies);
        NodeContext node = new NodeContext(
                config.node().name(),
                new NodeContext.Limits(config.memoryBytes(), config.maxHistoryBytes()),
                partitions,
                new NodeContext.Outputs(writer, answers, levels, spans),
                new NodeContext.Background(clock, planner, repeater, new IdleDetector()),
                NodeContext.Faults.none(),
                metrics,
                new WriterCheck(config.macs(), metrics),
                new TenureContext(
                        InstanceFile.of(config.stateDir()),
                        group::ofThisThread,
                        announcements,
                        System::nanoTime,
                        new NewestRulesKnown(
                                directory::holderOf,
                                directory::dispatchers,
                                group::hasOthers,
                                config.node().name(),
                                writer.partitions()),
                        group::committed,
                        config.readLeaseNanos()));
        kafka = new GroupClients(
                group, transactions, clients, new RecordSeals(RecordSeals.Kind.OUTCOME, config.macs()));
        SteadyClock steady = new SteadyClock();
        streams = new KafkaStreams(
                DispatcherTopology.build(
                        node, kafka::cursor, config.periods().commit().toMillis()),
                properties(config, steady),
                kafka,
                new SteadyTime(steady));
        streams.setGlobalStateRestoreListener(new RestoreWatch(transactions::reading, transactions::read));
        streams.setUncaughtExceptionHandler(failures);
        streams.setStateListener((now, before) -> {
            changed.signal();
        });
    }

    /** Those that hold a partition as far as is known, and where they serve reads. */
    private Map<String, InetSocketAddress> others(Directory directory) {
        return IntStream.range(0, partitionCount())
                .mapToObj(directory::holderOf)
                .flatMap(Optional::stream)
                .filter(holder -> holder.stage() != PartitionTenure.Stage.OVER)
                .map(PartitionHolder::node)
                .filter(other -> !other.getNode().equals(config.node().name()))
                .collect(Collectors.toMap(
                        DispatcherNode::getNode,
                        other -> InetSocketAddress.createUnresolved(other.getHost(), other.getPort()),
                        (one, same) -> same));
    }

    private static Properties properties(DispatcherConfig config, SteadyClock steady) {
        Properties p = new Properties();
        p.putAll(config.kafka().more());
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
        p.put(
                StreamsConfig.CLIENT_ID_CONFIG,
                config.applicationId() + "-" + config.node().name());
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toString());
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
        p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.changelog().replicationFactor());
        // Commits come when the partitions ask for them; by itself Kafka Streams would take no account of how long they
        // take.
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_ALL_THE_SAME_MS);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), TRANSACTION_MS);
        p.put(
                StreamsConfig.POLL_MS_CONFIG,
                Math.min(50, config.periods().commit().toMillis()));
        p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        // A task has one topic. By default, Kafka Streams would compute before each record whether another one has an
        // older.
        p.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        p.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.NO_OPTIMIZATION);
        p.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 2_000);
        // Static membership: a process that died and comes back takes its place again at once.
        p.put(
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
                config.node().name());
        p.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_MS);
        p.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), HEARTBEAT_MS);
        p.put(StreamsConfig.TASK_ASSIGNOR_CLASS_CONFIG, StayingTasks.class.getName());
        p.put(StreamsConfig.mainConsumerPrefix(StayingTasks.CLOCK), steady);
        p.put(StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG, LOOK_AGAIN_MS);
        // The broker answers a connection's requests one after the other. So whoever begins to read one more state
        // would wait until
        // a fetch of others, that have nothing new, is over.
        p.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), RESTORE_FETCH_MS);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), 2);
        // Far below the default of Kafka Streams: a commit waits for what is left to send, so that must be little. Far
        // above none: nobody waits for these records before the commit, and each request takes time from those who do
        // wait.
        p.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 20);
        // The first batch that is full takes all others along, so batches have room for what comes while they linger.
        p.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
        // The first records after a commit may have to wait for the broker; those behind them would arrive out of
        // order.
        p.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION), 1);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Topics.MAX_MESSAGE_BYTES);
        p.put(StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), Topics.MAX_MESSAGE_BYTES);
        // The state is to last like the log, and never to be refused for the time of a machine.
        p.put(
                StreamsConfig.topicPrefix(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG),
                config.changelog().minInSyncReplicas());
        p.put(StreamsConfig.topicPrefix(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG), false);
        p.put(StreamsConfig.topicPrefix(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG), "LogAppendTime");
        return p;
    }

    /** @return name of the topic that keeps the state of all partitions */
    public static String changelog(String applicationId) {
        return applicationId + "-" + Stores.STATE + "-changelog";
    }

    /** @return the partitions that this node owns */
    public Partitions partitions() {
        return partitions;
    }

    /** @return what it has done since it was made */
    public PartitionMetrics metrics() {
        return metrics;
    }

    /**
     * Looks for a figure of Kafka Streams or of its clients.
     *
     * @param name its name, such as {@code commit-latency-avg}
     * @param group what it belongs to, such as {@code stream-thread-metrics}
     * @return the largest of all threads, NaN if there is none yet
     */
    public double figure(String name, String group) {
        return streams.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals(name)
                        && metric.metricName().group().equals(group))
                .map(Metric::metricValue)
                .filter(Double.class::isInstance)
                .mapToDouble(Double.class::cast)
                .filter(value -> !Double.isNaN(value))
                .max()
                .orElse(Double.NaN);
    }

    /** @return number of partitions of the commands topic */
    public int partitionCount() {
        return writer.partitions();
    }

    /** Lets it run. */
    public void start() {
        group.start();
        if (!config.node().only()) {
            peers.start();
        }
        streams.start();
        clock.start();
        planner.start();
        repeater.start();
    }

    /** @return what it waits for before it serves all that it was given, empty if it does */
    public Optional<String> notReady() {
        Optional<String> trouble = failures.trouble().or(group::trouble);
        if (trouble.isPresent()) {
            return trouble;
        }
        KafkaStreams.State state = streams.state();
        if (state != KafkaStreams.State.RUNNING) {
            return Optional.of("Kafka Streams is " + state);
        }
        Map<Integer, String> stopped = partitions.stopped();
        if (!stopped.isEmpty()) {
            return Optional.of(String.join("; ", stopped.values()));
        }
        String waiting = partitions.tenures().entrySet().stream()
                .filter(tenure -> !tenure.getValue().reads())
                .map(tenure -> "partition " + tenure.getKey() + " is " + tenure.getValue())
                .collect(Collectors.joining(", "));
        return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting);
    }

    /** @return false if it does not serve all that it was given after so long */
    public boolean awaitReady(Duration atMost) throws InterruptedException {
        return changed.await(() -> notReady().isEmpty(), atMost);
    }

    @Override
    public void close() {
        announcements.leave();
        clock.close();
        planner.close();
        peers.close();
        failures.close();
        group.leaving();
        // A node that is alone keeps its place, since the first one to join an empty group waits for others to come.
        streams.close(CloseOptions.timeout(CLOSE_LIMIT)
                .withGroupMembershipOperation(
                        group.hasOthers()
                                ? GroupMembershipOperation.LEAVE_GROUP
                                : GroupMembershipOperation.REMAIN_IN_GROUP));
        repeater.close(); // after the partitions: they leave answers to it that only this node can give
        kafka.close();
        transactions.close();
        group.close();
        writer.close();
        answers.close();
    }
}
