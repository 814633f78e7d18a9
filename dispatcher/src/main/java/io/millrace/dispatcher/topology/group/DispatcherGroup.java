package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.Lease;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.Outage;
import io.millrace.proto.thread.WokenThread;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ClassicGroupDescription;
import org.apache.kafka.clients.admin.DescribeClassicGroupsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ClassicGroupState;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The group in which all dispatchers share the partitions. It is asked a few times a second who is in it: a node's
 * right to answer reads stands on that. One that was stopped, or is cut off, gets no answer, and its lease lapses.
 * Answers to heartbeats would prove nothing: the consumer counts those that are refused as well. One thread; all else
 * is safe on any.
 */
public final class DispatcherGroup implements PeerWatch.Gone, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DispatcherGroup.class);
    private static final long EVERY_NANOS = Lease.LENGTH_NANOS / 6;
    private static final String CONSUMER = "-consumer";

    private final String groupId;
    private final Admin admin;
    private final Runnable changed;
    /** Once an answer has taken as long as a lease, it comes too late. */
    private final int requestLimitMs;

    private final Map<String, Member> members = new ConcurrentHashMap<>();
    /** The newest one of each stream thread, by its name. */
    private final Map<String, MemberConsumer> consumers = new ConcurrentHashMap<>();
    /** Stream threads that have ended and may have a seat still. */
    private final Set<Ended> ended = ConcurrentHashMap.newKeySet();
    /** All members of all nodes when the group was last asked, by member id. */
    private volatile Map<String, Namesakes.Seat> there = Map.of();

    private final Namesakes namesakes;
    private final Optional<OnlyNode> onlyNode;
    private final Silence silence;
    private final Outage outage;
    private final Outage removals =
            new Outage("could not remove what is gone from the group of the dispatchers; its session ends by itself");
    private final WokenThread thread;
    private final Runnable waitedFor;
    /** Whether the group waited for its members when it was asked last. Of the thread. */
    private boolean waits;

    private volatile boolean leaving;
    private volatile boolean closing;

    /**
     * @param groupId application id of Kafka Streams
     * @param node name of this node
     * @param only whether it is said to be the only one
     * @param leaseNanos how long an answer is taken for certain, nanoseconds
     * @param changed called when a lease holds again
     * @param waitedFor called while the group waits for its members, without whom no partition moves; must not block
     */
    public DispatcherGroup(
            String groupId,
            Map<String, Object> settings,
            String node,
            boolean only,
            long leaseNanos,
            Runnable changed,
            Runnable waitedFor) {
        requestLimitMs = Math.toIntExact(leaseNanos / 1_000_000);
        silence = new Silence(leaseNanos);
        namesakes = new Namesakes(node);
        onlyNode = only ? Optional.of(new OnlyNode(node, GroupClock.SYSTEM)) : Optional.empty();
        outage = new Outage("could not ask who is in the group of the dispatchers; "
                + (onlyNode.isPresent() ? "reads go on, since this is the only one" : "reads wait meanwhile"));
        this.groupId = groupId;
        this.changed = changed;
        this.waitedFor = waitedFor;
        admin = Admin.create(settings);
        thread = new WokenThread("millrace-group", this::run);
    }

    /** Begins to ask. */
    public void start() {
        thread.start();
    }

    /** @return the lease of the partitions of the calling stream thread */
    public Lease ofThisThread() {
        Lease usual = member(Thread.currentThread().getName());
        return onlyNode.map(node -> node.lease(usual)).orElse(usual);
    }

    /** @return what is wrong with the group, if anything is: another node where there was to be none */
    public Optional<String> trouble() {
        return onlyNode.flatMap(OnlyNode::trouble);
    }

    private Member member(String streamThread) {
        return members.computeIfAbsent(streamThread, name -> new Member(GroupClock.SYSTEM));
    }

    /** Makes the main consumer of a stream thread. */
    MemberConsumer consumer(Map<String, Object> settings) {
        String clientId = Objects.requireNonNull(settings.get(ConsumerConfig.CLIENT_ID_CONFIG), "client.id")
                .toString();
        if (!clientId.endsWith(CONSUMER)) {
            throw new IllegalStateException("expected the main consumer of a stream thread to be called ..." + CONSUMER
                    + ", but got " + clientId);
        }
        String streamThread = clientId.substring(0, clientId.length() - CONSUMER.length());
        synchronized (ended) {
            Member member = member(streamThread);
            MemberConsumer consumer = new MemberConsumer(
                    settings, GroupClock.SYSTEM, now -> polled(member, now), closed -> ended(streamThread, closed));
            consumers.put(streamThread, consumer);
            return consumer;
        }
    }

    private void polled(Member member, ConsumerGroupMetadata now) {
        if (member.polled(now)) {
            thread.wake(); // what it has just been given is to be served at once
        }
    }

    /** A stream thread has ended, after its partitions were closed. While the node stays, it has failed, and another takes its place. */
    private void ended(String streamThread, MemberConsumer closed) {
        if (!leaving) {
            ended.add(new Ended(streamThread, closed, member(streamThread).memberId()));
            thread.wake();
        }
    }

    /** What a stream thread left behind. Another may bear its name by now, which is another member. */
    private record Ended(String streamThread, MemberConsumer consumer, String memberId) {}

    /** From now on stream threads end in order. What becomes of their seats is said when they are closed. */
    public void leaving() {
        leaving = true;
    }

    private void run() {
        while (thread.running()) {
            long nextNanos = System.nanoTime() + EVERY_NANOS;
            onlyNode.ifPresent(OnlyNode::awake);
            lookAtTheTimeOfDay();
            if (members.values().stream().anyMatch(member -> !member.memberId().isEmpty())) {
                look();
            }
            long waitNanos = nextNanos - System.nanoTime();
            if (thread.running() && waitNanos > 0) {
                LockSupport.parkNanos(this, waitNanos);
            }
        }
    }

    private void lookAtTheTimeOfDay() {
        try {
            consumers.values().forEach(MemberConsumer::look);
        } catch (Throwable e) { // as little as anything else may this end the thread
            LOG.error("could not look at the time of day, will try again", e);
        }
    }

    private void look() {
        long nanoTime = System.nanoTime();
        long wallMs = System.currentTimeMillis();
        try {
            ClassicGroupDescription group = describe();
            silence.answered(nanoTime, System.nanoTime());
            there = seats(group);
            outage.over();
            onlyNode.ifPresent(node -> node.looked(
                    there.values().stream().map(Namesakes.Seat::instanceId).toList(),
                    ownMembers().containsAll(there.keySet())));
            namesakes.looked(there, ownMembers(), nanoTime);
            boolean again = false;
            for (Member member : members.values()) {
                String memberId = member.memberId();
                if (there.containsKey(memberId)) {
                    again |= member.seen(memberId, nanoTime, wallMs);
                }
            }
            if (again) {
                changed.run();
            }
            giveUpSeats();
            boolean waitsNow = group.state() == ClassicGroupState.PREPARING_REBALANCE;
            if (waits && waitsNow) { // one that all have heard of is over before the next look
                waitedFor.run();
            }
            waits = waitsNow;
        } catch (Throwable e) { // without this thread all leases of the node lapse, so not even an error may end it
            if (!closing) {
                silence.failed(e, System.nanoTime());
                outage.failed(e);
            }
        }
    }

    /**
     * @param nowNanos a value of {@link System#nanoTime}
     * @return end of the last stretch in which Kafka did not answer, by the same clock; now, where it still does not; empty: it always
     *     did. Any thread; never blocks.
     */
    public OptionalLong unservedUntilNanos(long nowNanos) {
        return silence.untilNanos(nowNanos);
    }

    /**
     * A seat is kept for a static member until its session is over, with the partitions that it had. A stream thread that failed does not
     * come back under its name, so its seat is given up at once.
     */
    private void giveUpSeats() throws InterruptedException {
        for (Ended each : ended) {
            if (there.containsKey(each.memberId)) {
                remove(Set.of(each.memberId), "its stream thread has failed");
            } else {
                forget(each);
            }
        }
    }

    private void forget(Ended gone) {
        synchronized (ended) {
            if (consumers.remove(gone.streamThread, gone.consumer)) {
                members.remove(gone.streamThread);
            }
        }
        ended.remove(gone);
    }

    private static Map<String, Namesakes.Seat> seats(ClassicGroupDescription group) {
        return group.members().stream()
                .collect(Collectors.toMap(
                        MemberDescription::consumerId,
                        member -> new Namesakes.Seat(member.groupInstanceId().orElse(""), member.host())));
    }

    private ClassicGroupDescription describe() throws InterruptedException, ExecutionException, TimeoutException {
        var described = admin.describeClassicGroups(
                        Set.of(groupId), new DescribeClassicGroupsOptions().timeoutMs(requestLimitMs))
                .describedGroups()
                .get(groupId);
        return Objects.requireNonNull(described, "answer for the group that was asked for")
                .get(requestLimitMs, TimeUnit.MILLISECONDS);
    }

    /**
     * @return offset of the command behind the last one of the partition whose outcome is committed, -1 if there is none; fails where Kafka
     *     does not answer in time. Any thread; never blocks
     */
    public CompletableFuture<Long> committed(int partition) {
        TopicPartition commands = new TopicPartition(Topics.COMMANDS, partition);
        return admin.listConsumerGroupOffsets(
                        Map.of(groupId, new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(commands))),
                        new ListConsumerGroupOffsetsOptions()
                                .requireStable(true)
                                .timeoutMs(requestLimitMs))
                .partitionsToOffsetAndMetadata()
                .toCompletionStage()
                .toCompletableFuture()
                .thenApply(offsets -> {
                    OffsetAndMetadata committed = offsets.get(commands);
                    return committed == null ? -1 : committed.offset();
                });
    }

    /** @return whether another node was in the group when it was last asked */
    public boolean hasOthers() {
        Set<String> here = ownMembers();
        return there.keySet().stream().anyMatch(memberId -> !here.contains(memberId));
    }

    private Set<String> ownMembers() {
        return members.values().stream().map(Member::memberId).collect(Collectors.toSet());
    }

    @Override
    public Set<String> membersOf(String node) {
        return there.entrySet().stream()
                .filter(member -> isOf(node, member.getValue().instanceId()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Kafka Streams adds the number of the thread to the node's name. */
    static boolean isOf(String node, String instanceId) {
        return instanceId.startsWith(node + "-")
                && instanceId.substring(node.length() + 1).chars().allMatch(Character::isDigit);
    }

    /** Removes them from the group at once, which would else wait for the end of their sessions. */
    @Override
    public void gone(String node, Set<String> memberIds) throws InterruptedException {
        remove(memberIds, "the process of node " + node + " is gone");
    }

    private void remove(Set<String> memberIds, String why) throws InterruptedException {
        try {
            Map<String, Namesakes.Seat> now = seats(describe());
            removals.over();
            Set<MemberToRemove> gone = memberIds.stream()
                    .map(now::get)
                    .filter(Objects::nonNull) // else another was here first, or the node is back
                    .map(seat -> new MemberToRemove(seat.instanceId()))
                    .collect(Collectors.toSet());
            if (!gone.isEmpty()) {
                RemoveMembersFromConsumerGroupOptions options = new RemoveMembersFromConsumerGroupOptions(gone);
                options.reason(why);
                admin.removeMembersFromConsumerGroup(groupId, options).all().get(requestLimitMs, TimeUnit.MILLISECONDS);
                LOG.info("removed from the group of the dispatchers members={}: {}", gone.size(), why);
            }
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            if (!closing) {
                removals.failed(e);
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        admin.close(Duration.ZERO); // ends a question that is under way, for which the thread would be waited for
        thread.close();
    }
}
