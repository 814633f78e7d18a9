package io.millrace.dispatcher.codec;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.FollowPolicy;
import io.millrace.dispatcher.engine.command.Command.LendPlaces;
import io.millrace.dispatcher.engine.command.Command.LimitWork;
import io.millrace.dispatcher.engine.command.Command.PauseWork;
import io.millrace.dispatcher.engine.command.Command.ResumeWork;
import io.millrace.dispatcher.engine.command.Command.TellPlaces;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.state.PolicyStore;
import io.millrace.proto.WorkSubjects;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ListPoliciesResponse.Followed;
import io.millrace.proto.v1.WorkLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToIntFunction;

/** Turns records about policies of handing out into commands of the engine, and policies into messages. */
public final class PolicyCodec {

    private PolicyCodec() {}

    static Command decode(CommandRecord record) {
        return switch (record.getBodyCase()) {
            case PAUSE_WORK -> {
                var c = record.getPauseWork();
                yield new PauseWork(
                        subject(c.getSubject()),
                        c.getReason(),
                        c.getRequestedBy(),
                        CommandDecoder.expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()),
                        c.getPartitions(),
                        c.getLastsMs());
            }
            case RESUME_WORK -> {
                var c = record.getResumeWork();
                yield new ResumeWork(
                        subject(c.getSubject()),
                        c.getReason(),
                        c.getRequestedBy(),
                        CommandDecoder.expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()),
                        c.getPartitions());
            }
            case LIMIT_WORK -> {
                var c = record.getLimitWork();
                yield new LimitWork(
                        subject(c.getSubject()),
                        c.hasLimit()
                                ? limit(c.getLimit().toBuilder()
                                        .setPartitions(c.getPartitions())
                                        .setBy(c.getRequestedBy())
                                        .setReason(c.getReason())
                                        .build())
                                : null,
                        c.getReason(),
                        c.getRequestedBy(),
                        CommandDecoder.expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()),
                        c.getPartitions());
            }
            case TELL_PLACES -> {
                var c = record.getTellPlaces();
                yield new TellPlaces(
                        c.getQueue(), c.getEpoch(), c.getPartition(), c.getBegun(), c.getAsked(), c.getReturned());
            }
            case LEND_PLACES -> {
                var c = record.getLendPlaces();
                yield new LendPlaces(c.getQueue(), c.getEpoch(), c.getLent());
            }
            case FOLLOW_POLICY ->
                new FollowPolicy(
                        subject(record.getFollowPolicy().getSubject()),
                        policy(record.getFollowPolicy().getPolicy()));
            default ->
                throw new IllegalArgumentException(
                        "expected a command about how work is handed out, but got " + record.getBodyCase());
        };
    }

    private static WorkSubject subject(io.millrace.proto.v1.WorkSubject subject) {
        return new WorkSubject(
                switch (subject.getType()) {
                    case QUEUE -> WorkSubject.Type.QUEUE;
                    case WORKFLOW_KIND -> WorkSubject.Type.WORKFLOW_KIND;
                    case TASK_KIND -> WorkSubject.Type.TASK_KIND;
                    case WORKER -> WorkSubject.Type.WORKER;
                    case TYPE_UNSPECIFIED, UNRECOGNIZED ->
                        throw new IllegalArgumentException(
                                "expected a queue, a kind or a worker, but the command says of none");
                },
                subject.getName());
    }

    private static WorkPolicy policy(io.millrace.proto.v1.WorkPolicy policy) {
        return new WorkPolicy(
                policy.getVersion(),
                policy.hasPause()
                        ? new WorkPolicy.Pause(
                                policy.getPause().getSinceMs(),
                                policy.getPause().getBy(),
                                policy.getPause().getReason(),
                                policy.getPause().getUntilMs())
                        : null,
                policy.hasLimit() ? limit(policy.getLimit()) : null);
    }

    private static WorkPolicy.Limit limit(WorkLimit limit) {
        return new WorkPolicy.Limit(
                limit.getInFlight(),
                limit.getRate(),
                limit.getBurst(),
                limit.getFairKey(),
                limit.getEpoch(),
                limit.getPartitions(),
                limit.getSinceMs(),
                limit.getBy(),
                limit.getReason());
    }

    /**
     * @param partition number of the partition whose policies these are
     * @param partitions how many there are
     * @param inHand how much a worker has of the partition, or how much of a queue with a limit workers have there
     * @return by which policies it hands work of the organisation out; any thread
     */
    public static List<Followed> followed(
            PolicyStore policies, UUID orgId, int partition, int partitions, ToIntFunction<WorkSubject> inHand) {
        Map<WorkSubject, WorkPolicy> said = policies.of(orgId);
        List<Followed> followed = new ArrayList<>();
        if (said != null) {
            said.forEach((subject, policy) -> {
                boolean home = WorkSubjects.home(orgId, subject.type().name(), subject.name(), partitions) == partition;
                followed.add(Followed.newBuilder()
                        .setPartition(partition)
                        .setSubject(encode(subject))
                        .setPolicy(home ? encode(policy) : encode(WorkPolicy.USUAL.as(policy.version())))
                        .setHome(home)
                        .setInHand(inHand.applyAsInt(subject))
                        .build());
            });
        }
        return followed;
    }

    /** @return the subject as a message */
    static io.millrace.proto.v1.WorkSubject encode(WorkSubject subject) {
        return io.millrace.proto.v1.WorkSubject.newBuilder()
                .setType(
                        switch (subject.type()) {
                            case QUEUE -> io.millrace.proto.v1.WorkSubject.Type.QUEUE;
                            case WORKFLOW_KIND -> io.millrace.proto.v1.WorkSubject.Type.WORKFLOW_KIND;
                            case TASK_KIND -> io.millrace.proto.v1.WorkSubject.Type.TASK_KIND;
                            case WORKER -> io.millrace.proto.v1.WorkSubject.Type.WORKER;
                        })
                .setName(subject.name())
                .build();
    }

    /** @return the policy as a message */
    static io.millrace.proto.v1.WorkPolicy encode(WorkPolicy policy) {
        var message = io.millrace.proto.v1.WorkPolicy.newBuilder().setVersion(policy.version());
        WorkPolicy.Pause pause = policy.pause();
        if (pause != null) {
            message.getPauseBuilder()
                    .setSinceMs(pause.sinceMs())
                    .setBy(pause.by())
                    .setReason(pause.reason())
                    .setUntilMs(pause.untilMs());
        }
        WorkPolicy.Limit limit = policy.limit();
        if (limit != null) {
            message.setLimit(encode(limit));
        }
        return message.build();
    }

    private static WorkLimit encode(WorkPolicy.Limit limit) {
        return WorkLimit.newBuilder()
                .setInFlight(limit.inFlight())
                .setRate(limit.rate())
                .setBurst(limit.burst())
                .setFairKey(limit.fairKey())
                .setEpoch(limit.epoch())
                .setPartitions(limit.partitions())
                .setSinceMs(limit.sinceMs())
                .setBy(limit.by())
                .setReason(limit.reason())
                .build();
    }
}
