package io.millrace.infra.topics;

import io.millrace.infra.config.ServerConfig;
import io.millrace.proto.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the topics of the plan, and compares Kafka's topics with it. For one thread. */
public final class TopicAdmin implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TopicAdmin.class);

    /** A Kafka that says nothing for so long is not there, or its address is wrong. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * The topics that only nodes may write to. Commands of others are refused by their MAC, but everybody believes the
     * events, and what the directory says of workers and nodes; whoever writes there can also empty the place of a key. Who empties
     * that of a data key destroys what is encrypted by it. Checkpoints that no node signed hold the notary up.
     */
    static final List<String> ONLY_BY_NODES = List.of(
            Topics.COMMANDS,
            Topics.EVENTS,
            Topics.DIRECTORY,
            Topics.DATA_KEYS,
            Topics.CHECKPOINTS,
            Topics.REPLIES,
            Topics.WORK_AVAILABLE,
            Topics.TASK_STREAMS);

    private static final Duration SAY_AGAIN = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
    private static final Duration MENDED_WITHIN = Duration.ofSeconds(30);

    private final Admin admin;
    private final TopicPlan plan;
    private final String servers;
    private final Duration limit;

    /** @return an admin for the topics of the configuration, in the Kafka that it names */
    public static TopicAdmin of(ServerConfig config) {
        return new TopicAdmin(config.kafka().bootstrapServers(), config.kafka().properties(), TopicPlan.of(config));
    }

    /**
     * @param bootstrapServers brokers to begin with
     * @param properties further properties of the client, such as credentials
     */
    public TopicAdmin(String bootstrapServers, Map<String, Object> properties, TopicPlan plan) {
        this(bootstrapServers, properties, plan, PATIENCE);
    }

    /**
     * @param limit longest wait for each answer of Kafka; may be long if Kafka is known to be there
     * @see #TopicAdmin(String, Map, TopicPlan)
     */
    public TopicAdmin(String bootstrapServers, Map<String, Object> properties, TopicPlan plan, Duration limit) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                Math.toIntExact(limit.multipliedBy(2).toMillis()));
        this.limit = limit;
        this.admin = Admin.create(all);
        this.plan = plan;
        this.servers = bootstrapServers;
    }

    /**
     * Makes the missing topics, and waits until clients can see them. Existing topics stay as they are.
     *
     * @return names of the topics that were made
     * @throws TopicException if Kafka does not answer or refuses
     */
    public List<String> createMissing() {
        Set<String> present = await(admin.listTopics().names(), "list its topics");
        List<TopicSpec> missing = plan.topics().stream()
                .filter(topic -> topic.ours() && !present.contains(topic.name()))
                .toList();
        admin.createTopics(missing.stream().map(TopicSpec::toNewTopic).toList())
                .values()
                .forEach((name, made) -> {
                    try {
                        await(made, "create the topic " + name);
                    } catch (TopicException e) {
                        // Another node that started at the same time has made the topic.
                        if (!(e.getCause() instanceof TopicExistsException)) {
                            throw e;
                        }
                    }
                });
        List<String> names = missing.stream().map(TopicSpec::name).toList();
        awaitVisible(names);
        return names;
    }

    /** A broker may hear of a new topic a little later than the controller. Until then it denies that there is one. */
    private void awaitVisible(List<String> names) {
        long end = System.nanoTime() + limit.toNanos();
        while (!await(admin.listTopics().names(), "list its topics").containsAll(names)) {
            if (System.nanoTime() > end) {
                throw new TopicException("expected Kafka at " + servers + " to show the new topics " + names
                        + " within " + limit.toSeconds() + " s, but it does not");
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /**
     * Sets the settings without which promises do not hold, on existing topics that have them otherwise. All other
     * settings stay as they are.
     *
     * @return each change, as "topic: setting=value, was …"
     * @throws TopicException if Kafka does not answer or refuses
     */
    public List<String> mend() {
        List<String> changes = new ArrayList<>();
        Map<ConfigResource, Collection<AlterConfigOp>> alterations = new HashMap<>();
        List<String> present = present();
        Map<ConfigResource, Config> settings = settings(present);
        for (TopicSpec topic : plan.topics()) {
            if (!present.contains(topic.name())) {
                continue;
            }
            new TreeMap<>(topic.settings()).forEach((name, expected) -> {
                String value = value(settingsOf(topic, settings), name);
                if (TopicPlan.guarded().contains(name) && !expected.equals(value)) {
                    changes.add(topic.name() + ": " + name + "=" + expected + ", was " + value);
                    alterations
                            .computeIfAbsent(resource(topic.name()), key -> new ArrayList<>())
                            .add(new AlterConfigOp(new ConfigEntry(name, expected), AlterConfigOp.OpType.SET));
                }
            });
        }
        if (!changes.isEmpty()) {
            await(admin.incrementalAlterConfigs(alterations).all(), "change the settings of its topics: " + changes);
            awaitMended(present);
        }
        return changes;
    }

    /** A broker may hear of a new setting a little later than the controller. */
    private void awaitMended(List<String> present) {
        long end = System.nanoTime() + MENDED_WITHIN.toNanos();
        while (!mended(settings(present))) {
            if (System.nanoTime() > end) {
                throw new TopicException("expected Kafka at " + servers + " to show the changed settings within "
                        + MENDED_WITHIN.toSeconds() + " s, but it does not");
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    private boolean mended(Map<ConfigResource, Config> settings) {
        return plan.topics().stream()
                .filter(topic -> settings.containsKey(resource(topic.name())))
                .allMatch(topic -> topic.settings().entrySet().stream()
                        .filter(setting -> TopicPlan.guarded().contains(setting.getKey()))
                        .allMatch(setting ->
                                setting.getValue().equals(value(settingsOf(topic, settings), setting.getKey()))));
    }

    private static Config settingsOf(TopicSpec topic, Map<ConfigResource, Config> settings) {
        return Objects.requireNonNull(settings.get(resource(topic.name())), "settings of a topic that is there");
    }

    private static Throwable cause(ExecutionException e) {
        return Objects.requireNonNullElse(e.getCause(), e);
    }

    /** @return topics of the plan that exist */
    private List<String> present() {
        Set<String> all = await(admin.listTopics().names(), "list its topics");
        return plan.topics().stream().map(TopicSpec::name).filter(all::contains).toList();
    }

    private Map<ConfigResource, Config> settings(List<String> topics) {
        return await(
                admin.describeConfigs(topics.stream().map(TopicAdmin::resource).toList())
                        .all(),
                "describe the settings of its topics");
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private static String value(Config settings, String name) {
        return settings.get(name) == null ? "not set" : settings.get(name).value();
    }

    /**
     * Compares Kafka's topics with the plan.
     *
     * @return each difference, as "topic: expected …, but …"; empty if there is none
     * @throws TopicException if Kafka does not answer
     */
    public List<String> differences() {
        List<String> present = present();
        Map<String, TopicDescription> descriptions =
                await(admin.describeTopics(present).allTopicNames(), "describe its topics");
        Map<ConfigResource, Config> settings = settings(present);
        List<String> differences = new ArrayList<>();
        for (TopicSpec topic : plan.topics()) {
            if (present.contains(topic.name())) {
                compare(
                        topic,
                        Objects.requireNonNull(
                                descriptions.get(topic.name()), "what Kafka says of a topic that is there"),
                        settingsOf(topic, settings),
                        differences);
            } else if (topic.ours()) {
                differences.add(topic.name() + ": expected the topic, but there is none");
            }
        }
        return differences;
    }

    /**
     * Refuses to go on if topics are not as planned.
     *
     * @throws TopicException if there are differences; its text says each
     */
    public void check() {
        List<String> differences = differences();
        if (!differences.isEmpty()) {
            throw new TopicException("expected the topics at " + servers + " to be as configured, but "
                    + differences.size() + (differences.size() == 1 ? " difference stands" : " differences stand")
                    + " against it:\n  " + String.join("\n  ", differences)
                    + "\nMissing topics are made by `millrace topics`, which also sets "
                    + String.join(", ", TopicPlan.guarded()) + " of those that are there; all else is the operator's to"
                    + " change.");
        }
    }

    /**
     * Finds out what Kafka does not let this user do with the topics that a node needs.
     *
     * @return each right that is lacking, as a sentence; none if there are no ACLs
     * @throws TopicException if Kafka does not answer
     */
    public List<String> lackingRights() {
        Map<String, TopicDescription> descriptions = await(
                admin.describeTopics(present(), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                        .allTopicNames(),
                "say what this user may do with its topics");
        List<String> lacking = new ArrayList<>();
        new TreeMap<>(descriptions).forEach((name, topic) -> {
            Set<AclOperation> may = topic.authorizedOperations();
            for (AclOperation needed : List.of(AclOperation.READ, AclOperation.WRITE)) {
                if (may != null && !may.contains(needed)) {
                    lacking.add(
                            "expected Kafka to let this user " + needed + " the topic " + name + ", but it does not");
                }
            }
        });
        return lacking;
    }

    /**
     * Finds out who may write to the topics that only nodes should write to.
     *
     * @return nothing if Kafka has no authorizer, so that everybody may write
     * @throws TopicException if Kafka does not answer, or does not let this node see its ACLs
     */
    public Optional<Writers> writers() {
        try {
            Collection<AclBinding> acls = await(
                    admin.describeAcls(new AclBindingFilter(
                                    new ResourcePatternFilter(ResourceType.TOPIC, null, PatternType.ANY),
                                    AccessControlEntryFilter.ANY))
                            .values(),
                    "describe the ACLs of topics");
            return Optional.of(Writers.of(acls, ONLY_BY_NODES));
        } catch (TopicException e) {
            if (e.getCause() instanceof SecurityDisabledException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void compare(TopicSpec topic, TopicDescription found, Config settings, List<String> differences) {
        int partitions = found.partitions().size();
        if (partitions < topic.partitions() || topic.partitionsFixed() && partitions != topic.partitions()) {
            differences.add(topic.name() + ": expected " + (topic.partitionsFixed() ? "" : "at least ")
                    + topic.partitions() + " partitions, but it has " + partitions);
        }
        int copies = found.partitions().getFirst().replicas().size();
        if (copies < topic.replicationFactor()) {
            differences.add(topic.name() + ": expected at least " + topic.replicationFactor()
                    + " replicas of a partition, but it has " + copies);
        }
        topic.settings().forEach((name, expected) -> {
            String value = value(settings, name);
            if (!expected.equals(value)) {
                differences.add(topic.name() + ": expected " + name + "=" + expected + ", but it is " + value);
            }
        });
    }

    private <T> T await(KafkaFuture<T> future, String what) {
        try {
            long end = System.nanoTime() + limit.toNanos();
            while (true) {
                long left = Math.min(SAY_AGAIN.toNanos(), end - System.nanoTime());
                try {
                    return future.get(left, TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (System.nanoTime() >= end) {
                        throw e;
                    }
                    LOG.info("still waiting for Kafka at {} to {}", servers, what);
                }
            }
        } catch (ExecutionException e) {
            if (cause(e) instanceof AuthenticationException refused) {
                throw new TopicException(
                        "expected Kafka at " + servers + " to let this node in, as [kafka.properties] says, but: "
                                + refused.getMessage(),
                        refused);
            }
            throw new TopicException(
                    "expected Kafka at " + servers + " to " + what + ", but: " + cause(e).getMessage(), cause(e));
        } catch (TimeoutException e) {
            throw new TopicException(
                    "expected Kafka at " + servers + " to " + what + " within " + limit.toSeconds()
                            + " s, but it did not answer",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicException("interrupted while Kafka at " + servers + " was to " + what, e);
        }
    }

    /** Closes the connection to Kafka. */
    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }
}
