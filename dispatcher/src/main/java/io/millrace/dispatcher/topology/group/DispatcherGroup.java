package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.Lease;
import io.millrace.proto.kafka.Outage;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClassicGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;

/**
 * The group in which all dispatchers share the partitions. Asked a few times a second who is in it, since that is what a
 * node's right to answer reads stands on: one that was stopped, or is cut off, gets no answer, and its lease lapses. (That
 * heartbeats are answered is no proof: the consumer counts those that are refused as well.) One thread; all else is
 * safe on any.
 */
public final class DispatcherGroup implements AutoCloseable {

    private static final long EVERY_NANOS = Lease.LENGTH_NANOS / 6;
    private static final int REQUEST_LIMIT_MS = (int) (Lease.LENGTH_NANOS / 1_000_000);
    private static final String CONSUMER = "-consumer";

    private final String groupId;
    private final Admin admin;
    private final Runnable changed;
    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private final Outage outage = new Outage("could not ask who is in the group of the dispatchers; reads wait meanwhile");
    private final Thread thread;
    private volatile boolean running = true;

    /**
     * @param groupId application id of Kafka Streams
     * @param changed called when a lease holds again
     */
    public DispatcherGroup(String groupId, Map<String, Object> settings, Runnable changed) {
        this.groupId = groupId;
        this.changed = changed;
        admin = Admin.create(settings);
        thread = Thread.ofPlatform().name("millrace-group").daemon(true).unstarted(this::run);
    }

    /** Begins to ask. */
    public void start() {
        thread.start();
    }

    /** @return the lease of the partitions of the calling stream thread */
    public Lease ofThisThread() {
        return member(Thread.currentThread().getName());
    }

    private Member member(String streamThread) {
        return members.computeIfAbsent(streamThread, name -> new Member(GroupClock.SYSTEM));
    }

    /** Makes the main consumer of a stream thread. */
    MemberConsumer consumer(Map<String, Object> settings) {
        String clientId = (String) settings.get(ConsumerConfig.CLIENT_ID_CONFIG);
        if (!clientId.endsWith(CONSUMER)) {
            throw new IllegalStateException(
                    "expected the main consumer of a stream thread to be called ..." + CONSUMER + ", but got " + clientId);
        }
        Member member = member(clientId.substring(0, clientId.length() - CONSUMER.length()));
        return new MemberConsumer(settings, now -> polled(member, now));
    }

    private void polled(Member member, ConsumerGroupMetadata now) {
        if (member.polled(now)) {
            LockSupport.unpark(thread); // what it has just been given is to be served at once
        }
    }

    private void run() {
        while (running) {
            long nextNanos = System.nanoTime() + EVERY_NANOS;
            if (members.values().stream().anyMatch(member -> !member.memberId().isEmpty())) {
                look();
            }
            long waitNanos = nextNanos - System.nanoTime();
            if (running && waitNanos > 0) {
                LockSupport.parkNanos(this, waitNanos);
            }
        }
    }

    private void look() {
        long nanoTime = System.nanoTime();
        long wallMs = System.currentTimeMillis();
        try {
            Set<String> there = admin
                    .describeClassicGroups(
                            Set.of(groupId), new DescribeClassicGroupsOptions().timeoutMs(REQUEST_LIMIT_MS))
                    .describedGroups()
                    .get(groupId)
                    .get(REQUEST_LIMIT_MS, TimeUnit.MILLISECONDS)
                    .members()
                    .stream()
                    .map(MemberDescription::consumerId)
                    .collect(Collectors.toSet());
            outage.over();
            boolean again = false;
            for (Member member : members.values()) {
                String memberId = member.memberId();
                if (there.contains(memberId)) {
                    again |= member.seen(memberId, nanoTime, wallMs);
                }
            }
            if (again) {
                changed.run();
            }
        } catch (InterruptedException e) {
            running = false;
        } catch (Exception e) {
            if (running) {
                outage.failed(e);
            }
        }
    }

    @Override
    public void close() {
        running = false;
        admin.close(java.time.Duration.ZERO);
        LockSupport.unpark(thread);
    }
}
