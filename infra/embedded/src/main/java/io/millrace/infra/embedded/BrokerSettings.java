package io.millrace.infra.embedded;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The configuration of a node that is both broker and controller: the only one, or one of several. */
final class BrokerSettings {

    static final int NODE_ID = 1;
    static final String CLIENTS = "CLIENTS";
    static final String CONTROLLER = "CONTROLLER";

    private static final String MECHANISM = "PLAIN";
    private static final String USER = "millrace";

    /** Milliseconds: more than three weeks, the longest time that Kafka takes. */
    private static final String FOR_EVER = Integer.toString(Integer.MAX_VALUE);

    private BrokerSettings() {}

    static Map<String, String> of(Path logFolder, String host, int clientPort, int controllerPort, String password) {
        // Voters are given at each start and not kept on disk, so the controller's port may differ every time.
        Map<String, String> settings = node(
                NODE_ID,
                logFolder,
                host,
                clientPort,
                controllerPort,
                password,
                NODE_ID + "@" + host + ":" + controllerPort);
        putStartAndStop(settings);
        // Lets consumers choose sessions shorter than 6 s, so that a dead node is replaced sooner.
        settings.put("group.min.session.timeout.ms", "1000");
        // No records of the controller that say nothing: by default it writes two a second, for those that follow it.
        // Nobody does.
        settings.put("metadata.max.idle.interval.ms", "0");
        putInternalTopics(settings, 1, 1);
        return settings;
    }

    /**
     * One of several. How long brokers and controllers are waited for is as Kafka has it, so that they take each other's
     * place as they do elsewhere.
     *
     * @param voters all of them, as {@code id@host:port} of their controllers, separated by commas
     * @param copies of each record of Kafka's own topics
     * @param inSync how many of these have to stand before a record counts as written
     */
    static Map<String, String> ofSeveral(
            int id,
            Path logFolder,
            String host,
            int clientPort,
            int controllerPort,
            String password,
            String voters,
            int copies,
            int inSync) {
        Map<String, String> settings = node(id, logFolder, host, clientPort, controllerPort, password, voters);
        putInternalTopics(settings, copies, inSync);
        return settings;
    }

    private static Map<String, String> node(
            int id, Path logFolder, String host, int clientPort, int controllerPort, String password, String voters) {
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(id));
        settings.put("log.dirs", logFolder.toString());
        settings.put(
                "listeners",
                CLIENTS + "://" + host + ":" + clientPort + "," + CONTROLLER + "://" + host + ":" + controllerPort);
        putSecurity(settings, password);
        settings.put("inter.broker.listener.name", CLIENTS);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("controller.quorum.voters", voters);
        settings.put("auto.create.topics.enable", "false");
        putLatency(settings);
        putSize(settings);
        return settings;
    }

    /** The password keeps other people out, of the controller as well: everybody on the machine reaches loopback. */
    private static void putSecurity(Map<String, String> settings, String password) {
        settings.put("listener.security.protocol.map", CLIENTS + ":SASL_PLAINTEXT," + CONTROLLER + ":SASL_PLAINTEXT");
        settings.put("sasl.enabled.mechanisms", MECHANISM);
        settings.put("sasl.mechanism.inter.broker.protocol", MECHANISM);
        settings.put("sasl.mechanism.controller.protocol", MECHANISM);
        String login = login(password, " user_" + USER + "=\"" + password + "\"");
        for (String listener : List.of(CLIENTS, CONTROLLER)) {
            settings.put("listener.name." + listener.toLowerCase(Locale.ROOT) + ".plain.sasl.jaas.config", login);
        }
    }

    /** @return settings by which a client may use the broker */
    static Map<String, Object> client(String password) {
        return Map.of(
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                MECHANISM,
                "sasl.jaas.config",
                login(password, ""));
    }

    private static String login(String password, String more) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + USER + "\" password=\""
                + password + "\"" + more + ";";
    }

    private static void putStartAndStop(Map<String, String> settings) {
        // Sessions never end. A controller that has not heard of the broker of its own process was held up itself, and
        // nobody else could take over. After a kill the old registration is removed; see StaleRegistration.
        settings.put("broker.session.timeout.ms", FOR_EVER);
        settings.put("broker.heartbeat.interval.ms", "100");
        // A slow machine may take as long as it needs. What cannot succeed is a fault, and says so.
        settings.put("server.max.startup.time.ms", FOR_EVER);
        settings.put("initial.broker.registration.timeout.ms", FOR_EVER);
    }

    private static void putLatency(Map<String, String> settings) {
        // A Streams task's transaction adds its partitions again after each commit. The default of 20 ms would be the
        // largest part of a command's waiting time.
        settings.put("add.partitions.to.txn.retry.backoff.ms", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
    }

    private static void putInternalTopics(Map<String, String> settings, int copies, int inSync) {
        // Kafka's own topics have the time of who writes, and a broker refuses times an hour ahead of its own. Once its
        // clock has gone back by more, the coordinator could not end transactions until the clock has caught up.
        settings.put("log.message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE));
        settings.put("offsets.topic.replication.factor", Integer.toString(copies));
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.replication.factor", Integer.toString(copies));
        settings.put("transaction.state.log.min.isr", Integer.toString(inSync));
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.replication.factor", Integer.toString(copies));
        settings.put("share.coordinator.state.topic.min.isr", Integer.toString(inSync));
        settings.put("share.coordinator.state.topic.num.partitions", "1");
    }

    private static void putSize(Map<String, String> settings) {
        // At the start after a kill, Kafka reads and checks all records outside closed segments, of every partition.
        settings.put("log.segment.bytes", Integer.toString(64 * 1024 * 1024));
        // The cleaner allocates this much heap when it starts; 128 MB by default.
        settings.put("log.cleaner.dedupe.buffer.size", "8388608");
        // There are few clients: more threads would only pass the work to each other.
        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "2");
        settings.put("background.threads", "2");
        settings.put("group.coordinator.threads", "1");
        // No JMX: two brokers in one JVM would need the same names, and registering them takes time at each start.
        settings.put("metric.reporters", "");
    }
}
