package io.millrace.dispatcher.codec;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.FollowPolicy;
import io.millrace.dispatcher.engine.command.Command.OfPolicy;
import io.millrace.dispatcher.engine.command.Command.PauseWork;
import io.millrace.dispatcher.engine.command.Command.ResumeWork;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.state.PolicyStore;
import io.millrace.proto.WorkSubjects;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ListPoliciesResponse.Followed;
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
                        c.hasExpectedVersion() ? c.getExpectedVersion() : OfPolicy.ANY_VERSION,
                        c.getPartitions(),
                        c.getLastsMs());
            }
            case RESUME_WORK -> {
                var c = record.getResumeWork();
                yield new ResumeWork(
                        subject(c.getSubject()),
                        c.getReason(),
                        c.getRequestedBy(),
                        c.hasExpectedVersion() ? c.getExpectedVersion() : OfPolicy.ANY_VERSION,
                        c.getPartitions());
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
                        : null);
    }

    /**
     * @param partition number of the partition whose policies these are
     * @param partitions how many there are
     * @param inHand how much the worker of an id has of the partition
     * @return by which policies it hands work of the organisation out; any thread
     */
    public static List<Followed> followed(
            PolicyStore policies, UUID orgId, int partition, int partitions, ToIntFunction<String> inHand) {
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
                        .setInHand(subject.type() == WorkSubject.Type.WORKER ? inHand.applyAsInt(subject.name()) : 0)
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
        return message.build();
    }
}
