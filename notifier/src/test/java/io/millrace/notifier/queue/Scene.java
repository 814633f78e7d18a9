package io.millrace.notifier.queue;

import io.millrace.notifier.config.Counters;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import io.millrace.proto.v1.WorkAvailable;
import io.millrace.proto.v1.WorkType;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * An index of queues in virtual time, between a log that answers after a time of the test's choice and workers of the test's
 * making. The log hands out work that is really there, says levels as the dispatcher does, and repeats them each second.
 */
final class Scene {

    static final UUID ORG = UUID.fromString("550e8400-e29b-41d4-a716-446655440000");
    static final WorkQueue QUEUE = new WorkQueue(ORG, "orders", WorkType.WORKFLOW);
    private static final long REPEAT_MS = 1_000;

    final VirtualTime time = new VirtualTime();
    final Counters counters = new Counters();
    final QueueIndex index;
    final Log log;

    Scene(NotifierConfig config, int partitions) {
        log = new Log(partitions);
        index = new QueueIndex(config, counters, time, log, time::nanos);
        repeat();
    }

    private void repeat() {
        for (int partition = 0; partition < log.ready.size(); partition++) {
            if (!log.ready.get(partition).isEmpty()) {
                index.level(log.level(partition));
            }
        }
        time.in(REPEAT_MS, this::repeat);
    }

    /** The end of one poll. */
    static final class Answer implements PollAnswer {
        private final Consumer<WorkClaimed.Result> work;
        private final Runnable empty;

        Answer(Consumer<WorkClaimed.Result> work, Runnable empty) {
            this.work = work;
            this.empty = empty;
        }

        @Override
        public void work(WorkClaimed.Result result) {
            work.accept(result);
        }

        @Override
        public void empty() {
            empty.run();
        }
    }

    /** Polls, holding for so long; 0: only for what is known to be there. */
    Poll poll(String worker, long holdMs, Consumer<String> work, Runnable empty) {
        return poll(worker, ClaimHolder.NOBODY, holdMs, work, empty);
    }

    /** The same, where only the holder may report the work. */
    Poll poll(String worker, ClaimHolder holder, long holdMs, Consumer<String> work, Runnable empty) {
        Answer answer = new Answer(result -> work.accept(result.getWorkflow().getId()), empty);
        Poll poll = new Poll(QUEUE, KindFilter.ANY, worker, holder, Map.of(), holdMs == 0, answer);
        index.park(poll, Duration.ofMillis(holdMs));
        return poll;
    }

    /** A subscriber that polls once for each event, some time after it. */
    final class Subscriber {
        final String worker;
        final List<String> taken = new ArrayList<>();
        private final Listener listener;
        private long reactionMs;
        private boolean dead;
        private boolean refused;
        int wakeUps;

        private Subscriber(String worker, long reactionMs) {
            this.worker = worker;
            this.reactionMs = reactionMs;
            this.listener = new Listener(QUEUE, KindFilter.ANY, worker, this::woken);
        }

        private void woken() {
            wakeUps++;
            if (!dead) {
                time.in(reactionMs, () -> {
                    if (!refused) {
                        poll(worker, 0, taken::add, () -> {});
                    }
                });
            }
        }

        /** It reacts after so long from now on. */
        void reactsAfter(long ms) {
            reactionMs = ms;
        }

        /** It reacts no more. */
        void dies() {
            dead = true;
        }

        /** It is there again. */
        void returns() {
            dead = false;
        }

        /** Its polls are refused before they come to the index. */
        void isRefused() {
            refused = true;
        }

        void unsubscribe() {
            index.leave(listener, false);
        }
    }

    Subscriber subscribe(String worker, long reactionMs) {
        Subscriber subscriber = new Subscriber(worker, reactionMs);
        index.listen(subscriber.listener);
        return subscriber;
    }

    List<Subscriber> crowd(int size, long reactionMs) {
        List<Subscriber> crowd = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            crowd.add(subscribe("w" + i + "-" + reactionMs, reactionMs));
        }
        return crowd;
    }

    static int wakeUps(List<Subscriber> crowd) {
        return crowd.stream().mapToInt(subscriber -> subscriber.wakeUps).sum();
    }

    static int taken(List<Subscriber> crowd) {
        return crowd.stream().mapToInt(subscriber -> subscriber.taken.size()).sum();
    }

    /** The log and the engine. */
    final class Log implements ClaimDesk {
        /** From the command to its answer. */
        long answerMs = 1;
        /** Who asked hears after so long that there is no answer. */
        private static final long LOST_MS = 10_000;

        private final List<Deque<String>> ready = new ArrayList<>();
        private final long[] positions;
        /** Who holds what, by claim. */
        final Map<UUID, String> held = new HashMap<>();

        int claims;
        int givenBack;
        /** So many commands cannot even be made. */
        int breaks;
        /** Commands come to nothing, and nobody says so. */
        boolean swallow;
        /** Commands take effect, and their answers get lost. */
        boolean loseAnswers;
        /** The pieces of work that were handed out, by claim. */
        private final Map<UUID, String> handedOut = new HashMap<>();

        private final Map<ClaimBatch, List<UUID>> made = new HashMap<>();

        private boolean refusing;

        private Log(int partitions) {
            positions = new long[partitions];
            for (int i = 0; i < partitions; i++) {
                ready.add(new ArrayDeque<>());
            }
        }

        /** The engine gives nothing to anybody from now on, or does. */
        void refuse(boolean now) {
            refusing = now;
        }

        String start(int partition) {
            String id = Shards.newId(partition).toString();
            ready.get(partition).add(id);
            positions[partition]++;
            index.level(level(partition));
            return id;
        }

        /** Another node's worker takes the first piece. */
        void takenElsewhere(int partition) {
            ready.get(partition).remove();
            positions[partition]++;
            index.level(level(partition));
        }

        int readyNow() {
            return ready.stream().mapToInt(Deque::size).sum();
        }

        @Override
        public void send(ClaimBatch batch, ClaimAnswers answers) {
            if (breaks > 0) {
                breaks--;
                throw new IllegalStateException("broken, for the test");
            }
            claims += batch.polls().size();
            if (swallow) {
                time.in(LOST_MS, () -> answers.unanswered(batch));
                return;
            }
            // The command takes effect at half of the way, and the answer takes the other half.
            long halfMs = answerMs / 2;
            if (halfMs > LOST_MS) {
                time.in(LOST_MS, () -> answers.unanswered(batch));
                time.in(halfMs, () -> {
                    WorkClaimed done = carryOut(batch);
                    time.in(halfMs, () -> answers.late(batch, done));
                });
                return;
            }
            time.in(halfMs, () -> {
                WorkClaimed done = carryOut(batch);
                long restMs = answerMs - answerMs / 2;
                if (loseAnswers) {
                    time.in(LOST_MS - answerMs / 2, () -> answers.unanswered(batch));
                } else if (answerMs < LOST_MS) {
                    time.in(restMs, () -> answers.claimed(batch, done));
                } else {
                    time.in(LOST_MS - answerMs / 2, () -> answers.unanswered(batch));
                    time.in(restMs, () -> answers.late(batch, done));
                }
            });
        }

        private WorkClaimed carryOut(ClaimBatch batch) {
            WorkClaimed.Builder answer = WorkClaimed.newBuilder();
            positions[batch.partition()]++;
            for (Poll poll : batch.polls()) {
                String work = refusing ? null : ready.get(batch.partition()).poll();
                WorkClaimed.Result.Builder result = answer.addResultsBuilder();
                UUID claim = Shards.newId();
                result.setClaimId(Ids.toByteString(claim));
                if (work != null) {
                    made.computeIfAbsent(batch, key -> new ArrayList<>()).add(claim);
                    handedOut.put(claim, work);
                    held.put(claim, poll.workerId());
                    result.setExecutionId(Ids.toByteString(UUID.fromString(work)))
                            .setWorkflow(WorkflowExecution.newBuilder().setId(work));
                }
            }
            index.level(level(batch.partition()));
            return answer.setLeft(level(batch.partition())).build();
        }

        @Override
        public void giveBack(WorkQueue key, WorkClaimed.Result result, String reason) {
            givenBack++;
            time.in(answerMs / 2, () -> ready(Ids.fromBytes(result.getClaimId())));
        }

        @Override
        public void forget(ClaimBatch batch) {
            time.in(
                    answerMs / 2,
                    () -> made.getOrDefault(batch, List.of()).forEach(claim -> {
                        givenBack++;
                        ready(claim);
                    }));
        }

        private void ready(UUID claim) {
            if (held.remove(claim) != null) {
                String work = handedOut.get(claim);
                int partition = Shards.partition(UUID.fromString(work), positions.length);
                ready.get(partition).addFirst(work);
                positions[partition]++;
                index.level(level(partition));
            }
        }

        WorkAvailable level(int partition) {
            return WorkAvailable.newBuilder()
                    .setOrgId(Ids.toByteString(ORG))
                    .setQueue(QUEUE.queue())
                    .setWorkType(QUEUE.workType())
                    .setPartition(partition)
                    .setPosition(positions[partition])
                    .setComplete(true)
                    .addKinds(WorkAvailable.KindReady.newBuilder()
                            .setKind("echo")
                            .setReady(ready.get(partition).size()))
                    .build();
        }
    }
}
