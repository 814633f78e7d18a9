package io.millrace.notifier;

import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.levels.LevelSink;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.log.CommandLogException;
import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.HeartbeatTask;
import io.millrace.proto.v1.ReleaseClaim;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import io.millrace.proto.v1.WorkAvailable;
import io.millrace.proto.v1.WorkAvailable.KindReady;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerGone;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A command log with a small engine behind it, in memory. One thread for each partition takes commands in order. It
 * gives out work that is really there, says levels as the dispatcher does, and takes claims back. Answers can be held
 * up and commands made to fail.
 */
final class ScriptedLog implements CommandLog {

    /** A piece of work that somebody has. */
    private record Held(Place place, Work work) {}

    private record Place(UUID org, String queue, WorkType type) {}

    private record Work(UUID executionId, UUID taskId, String kind, Long orderMs) {}

    /** An answer kept back. */
    private record HeldAnswer(CompletableFuture<ReplyRecord> answer, ReplyRecord reply, Consumer<ReplyRecord> late) {}

    private static final class Partition {
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final Map<Place, ArrayDeque<Work>> ready = new HashMap<>();
        private final Map<UUID, Held> held = new HashMap<>();
        private long position;
    }

    /** Workers that get nothing. */
    final Set<String> drained = ConcurrentHashMap.newKeySet();

    /** Commands in the order in which they were written. */
    final Queue<CommandRecord> written = new ConcurrentLinkedQueue<>();

    private final List<Partition> partitions = new ArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final List<HeldAnswer> heldUp = new ArrayList<>();
    private boolean holdingUp;
    private int holdingUpOnly = -1;
    private volatile LevelSink levels = level -> false;

    ScriptedLog(int partitions) {
        for (int i = 0; i < partitions; i++) {
            this.partitions.add(new Partition());
        }
    }

    void hintsTo(LevelSink sink) {
        levels = sink;
    }

    /** The next commands that ask for an answer fail. */
    void failNext(int many) {
        failures.set(many);
    }

    /** Keeps answers back from now on. */
    synchronized void holdAnswers() {
        holdingUp = true;
        holdingUpOnly = -1;
    }

    /** Keeps answers of one partition back from now on. */
    synchronized void holdAnswersOf(int partition) {
        holdingUp = true;
        holdingUpOnly = partition;
    }

    /** Gives the answers kept back, and keeps none any more. */
    void giveAnswers() {
        release().forEach(held -> held.answer.complete(held.reply));
    }

    /** Lets the commands whose answers are kept back fail, and keeps none any more. */
    void failAnswers() {
        fail(release());
    }

    /** Lets the commands whose answers are kept back fail, gives the answers after that, and keeps none any more. */
    void giveAnswersTooLate() {
        List<HeldAnswer> all = release();
        fail(all);
        all.forEach(held -> held.late.accept(held.reply));
    }

    private static void fail(List<HeldAnswer> all) {
        CommandLogException failure = new CommandLogException("expected an answer in time, but none came", true, null);
        all.forEach(held -> held.answer.completeExceptionally(failure));
    }

    private synchronized List<HeldAnswer> release() {
        holdingUp = false;
        List<HeldAnswer> all = List.copyOf(heldUp);
        heldUp.clear();
        return all;
    }

    synchronized int answersHeld() {
        return heldUp.size();
    }

    /** A workflow becomes ready. */
    UUID startWorkflow(UUID org, String queue, String kind) {
        return add(Shards.newId(), new Place(org, queue, WorkType.WORKFLOW), kind, null);
    }

    /** A workflow becomes ready in this partition. */
    UUID startWorkflowIn(int partition, UUID org, String queue, String kind) {
        return add(Shards.newId(partition), new Place(org, queue, WorkType.WORKFLOW), kind, null);
    }

    /** A workflow becomes ready in this partition, behind all that do before it; levels say its place in the order. */
    UUID startWorkflowIn(int partition, UUID org, String queue, String kind, long orderMs) {
        return add(Shards.newId(partition), new Place(org, queue, WorkType.WORKFLOW), kind, orderMs);
    }

    /** A standalone task becomes ready. */
    UUID submitTask(UUID org, String queue, String kind) {
        return add(Shards.newId(), new Place(org, queue, WorkType.TASK), kind, null);
    }

    /** Says all levels again, as the dispatcher does now and then. */
    void repeatLevels() {
        for (int number = 0; number < partitions.size(); number++) {
            int partition = number;
            Partition p = partitions.get(number);
            join(CompletableFuture.runAsync(
                    () -> p.ready.keySet().forEach(place -> levels.offer(level(partition, place))), p.thread));
        }
    }

    /** @return pieces handed out and not given back */
    int inHands() {
        int sum = 0;
        for (Partition p : partitions) {
            sum += join(CompletableFuture.supplyAsync(p.held::size, p.thread));
        }
        return sum;
    }

    long claims() {
        return written.stream()
                .mapToLong(command -> command.getClaimWork().getClaimsCount())
                .sum();
    }

    long claimCommands() {
        return written.stream().filter(CommandRecord::hasClaimWork).count();
    }

    /** @return commands that say that a worker is gone */
    List<WorkerGone> gone() {
        return written.stream()
                .filter(CommandRecord::hasWorkerGone)
                .map(CommandRecord::getWorkerGone)
                .toList();
    }

    /** @return how often the lease of the task was renewed */
    long renewals(UUID task) {
        return beats(task).count();
    }

    /** @return whether the node said that it renewed the task's lease for the last time */
    boolean isLeft(UUID task) {
        return beats(task).anyMatch(HeartbeatTask::getLeaving);
    }

    private Stream<HeartbeatTask> beats(UUID task) {
        return written.stream()
                .filter(CommandRecord::hasHeartbeatTask)
                .map(CommandRecord::getHeartbeatTask)
                .filter(beat -> Ids.fromBytes(beat.getTaskId()).equals(task));
    }

    long releases() {
        return written.stream().filter(CommandRecord::hasReleaseClaim).count();
    }

    private UUID add(UUID id, Place place, String kind, Long orderMs) {
        UUID task = place.type == WorkType.TASK ? id : null;
        int number = Shards.partition(id, partitions.size());
        Partition p = partitions.get(number);
        join(CompletableFuture.runAsync(
                () -> {
                    p.position++;
                    p.ready.computeIfAbsent(place, key -> new ArrayDeque<>()).add(new Work(id, task, kind, orderMs));
                    levels.offer(level(number, place));
                },
                p.thread));
        return id;
    }

    @Override
    public int partitions() {
        return partitions.size();
    }

    @Override
    public String node() {
        return "node-under-test";
    }

    @Override
    public CompletableFuture<ReplyRecord> ask(int shard, CommandRecord.Builder command) {
        return askPartition(Shards.partition(shard, partitions.size()), command);
    }

    @Override
    public CompletableFuture<ReplyRecord> askPartition(int partition, CommandRecord.Builder command) {
        return askPartition(partition, command, late -> {});
    }

    @Override
    public CompletableFuture<ReplyRecord> askPartition(
            int partition, CommandRecord.Builder command, Consumer<ReplyRecord> late) {
        CommandRecord record = command.build();
        written.add(record);
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return CompletableFuture.failedFuture(
                    new CommandLogException("expected the broker to answer, but it did not", false, null));
        }
        CompletableFuture<ReplyRecord> answer = new CompletableFuture<>();
        partitions.get(partition).thread.execute(() -> {
            ReplyRecord reply = record.hasHeartbeatTask() ? renew(partition, record) : claim(partition, record);
            answerNowOrLater(partition, new HeldAnswer(answer, reply, late));
        });
        return answer;
    }

    private void answerNowOrLater(int partition, HeldAnswer held) {
        synchronized (this) {
            if (holdingUp && (holdingUpOnly < 0 || holdingUpOnly == partition)) {
                heldUp.add(held);
                return;
            }
        }
        held.answer.complete(held.reply);
    }

    @Override
    public CompletableFuture<Void> tell(int partition, CommandRecord.Builder command) {
        CommandRecord record = command.build();
        written.add(record);
        Partition p = partitions.get(partition);
        return CompletableFuture.runAsync(
                () -> {
                    if (record.hasReleaseClaim()) {
                        release(partition, record.getReleaseClaim());
                    }
                },
                p.thread);
    }

    private ReplyRecord renew(int number, CommandRecord record) {
        boolean held = partitions
                .get(number)
                .held
                .containsKey(Ids.fromBytes(record.getHeartbeatTask().getClaimId()));
        return ReplyRecord.newBuilder()
                .setAccepted(ReplyRecord.Accepted.newBuilder().setChanged(held))
                .build();
    }

    private ReplyRecord claim(int number, CommandRecord record) {
        Partition p = partitions.get(number);
        p.position++;
        ClaimWork command = record.getClaimWork();
        Place place = new Place(Ids.fromBytes(record.getOrgId()), command.getQueue(), command.getWorkType());
        WorkClaimed.Builder answer = WorkClaimed.newBuilder();
        boolean changed = false;
        for (ClaimWork.Claim claim : command.getClaimsList()) {
            WorkClaimed.Result.Builder result = WorkClaimed.Result.newBuilder().setClaimId(claim.getClaimId());
            boolean draining = drained.contains(claim.getWorkerId());
            result.setDraining(draining);
            Work work = draining ? null : firstThatFits(p.ready.get(place), claim);
            if (work != null) {
                changed = true;
                p.held.put(Ids.fromBytes(claim.getClaimId()), new Held(place, work));
                fill(result, place, work);
            }
            answer.addResults(result);
        }
        WorkAvailable left = level(number, place);
        if (changed) {
            levels.offer(left);
        }
        return ReplyRecord.newBuilder().setWorkClaimed(answer.setLeft(left)).build();
    }

    private static Work firstThatFits(ArrayDeque<Work> ready, ClaimWork.Claim claim) {
        if (ready == null) {
            return null;
        }
        for (Iterator<Work> all = ready.iterator(); all.hasNext(); ) {
            Work work = all.next();
            if (claim.getAnyKind() || claim.getKindsList().contains(work.kind)) {
                all.remove();
                return work;
            }
        }
        return null;
    }

    private static void fill(WorkClaimed.Result.Builder result, Place place, Work work) {
        result.setExecutionId(Ids.toByteString(work.executionId));
        if (place.type == WorkType.TASK) {
            result.setTask(TaskExecutionInfo.newBuilder()
                    .setTaskExecutionId(work.taskId.toString())
                    .setKind(work.kind));
        } else {
            result.setWorkflow(WorkflowExecution.newBuilder()
                    .setId(work.executionId.toString())
                    .setOrgId(place.org.toString())
                    .setQueue(place.queue)
                    .setKind(work.kind));
        }
    }

    private void release(int number, ReleaseClaim command) {
        Partition p = partitions.get(number);
        p.position++;
        Held held = p.held.remove(Ids.fromBytes(command.getClaimId()));
        if (held != null) {
            p.ready.get(held.place).addFirst(held.work);
            levels.offer(level(number, held.place));
        }
    }

    private WorkAvailable level(int number, Place place) {
        Partition p = partitions.get(number);
        Map<String, KindReady.Builder> ready = new TreeMap<>();
        for (Work work : p.ready.getOrDefault(place, new ArrayDeque<>())) {
            KindReady.Builder kind =
                    ready.computeIfAbsent(work.kind, k -> KindReady.newBuilder().setKind(k));
            if (kind.getReady() == 0 && work.orderMs != null) {
                kind.setHeadOrderMs(work.orderMs);
            }
            kind.setReady(kind.getReady() + 1);
        }
        WorkAvailable.Builder level = WorkAvailable.newBuilder()
                .setOrgId(Ids.toByteString(place.org))
                .setQueue(place.queue)
                .setWorkType(place.type)
                .setPartition(number)
                .setPosition(p.position)
                .setComplete(true)
                .setNode(node());
        ready.values().forEach(level::addKinds);
        return level.build();
    }

    private static <T> T join(CompletableFuture<T> future) {
        return future.join();
    }

    @Override
    public void close() {
        partitions.forEach(p -> p.thread.shutdownNow());
    }
}
