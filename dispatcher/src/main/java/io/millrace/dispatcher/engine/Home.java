package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.*;
import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.ContinueAsNew;
import io.millrace.proto.Shards;
import io.millrace.proto.WorkSubjects;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which ids and keys are at home in a partition. Whoever looks for something goes to the partition that its id names.
 * What a stray command made in another partition could never be reached again. How many partitions there are was
 * settled when the topics were made.
 *
 * @param partition number of this partition
 * @param partitions how many there are
 */
public record Home(int partition, int partitions) {

    /** The only partition: everything is at home. */
    public static final Home ONLY = new Home(0, 1);

    /** @return what the command is about that is at home elsewhere, null where nothing is */
    @Nullable
    String stray(UUID orgId, Command command) {
        return partitions == 1 ? null : look(orgId, command);
    }

    private @Nullable String look(UUID orgId, Command command) {
        return switch (command) {
            case WithClaims c -> look(orgId, c.command());
            case StartWorkflow c -> start(orgId, c);
            case SignalWithStart c -> start(orgId, c.start());
            case SignalWorkflow c -> id("workflow execution", c.executionId());
            case CancelWorkflow c -> id("workflow execution", c.executionId());
            case RequestCancellation c -> id("workflow execution", c.executionId());
            case TerminateWorkflow c -> id("workflow execution", c.executionId());
            case ResetWorkflow c -> {
                String stray = id("workflow execution", c.executionId());
                yield stray != null ? stray : id("workflow execution", c.newExecutionId());
            }
            case ContinueChild c -> id("workflow execution", c.executionId());
            case PauseWorkflow c -> id("workflow execution", c.executionId());
            case ResumeWorkflow c -> id("workflow execution", c.executionId());
            case AnnotateWorkflow c -> id("workflow execution", c.executionId());
            case RetryTask c -> id("execution", c.executionId());
            case OfSchedule c -> key("schedule", orgId, c.schedule());
            case OfBulkJob c -> id("bulk job", c.jobId());
            case OfQuery c -> key("saved query", orgId, SavedQuery.HOME);
            case OfPolicy c -> key("policy", orgId, c.subject().homeKey());
            case StartScheduledRun c -> start(orgId, c.start());
            case CheckScheduledRun c -> id("workflow execution", c.runId());
            case SubmitCommands c -> {
                String stray = id("workflow execution", c.executionId());
                yield stray != null ? stray : newRun(c.steps());
            }
            case ReleaseClaim c -> id("execution", c.executionId());
            case ReportRefused c -> id("execution", c.executionId());
            case ResolvePromise c -> promise(c.executionId(), c.promiseId());
            case RejectPromise c -> promise(c.executionId(), c.promiseId());
            case BindPromiseKey c -> key("promise key", orgId, c.key());
            case FreePromiseKey c -> key("promise key", orgId, c.key());
            case SettlePromiseByKey c -> key("promise key", orgId, c.key());
            case SubmitTask c ->
                c.executionId() == null
                        ? idAndKey("task", c.taskId(), orgId, c.idempotencyKey())
                        : id("workflow execution", c.executionId());
            case CompleteTask c -> id("execution", c.executionId());
            case FailTask c -> id("execution", c.executionId());
            case CancelTask c -> id("execution", c.executionId());
            case HeartbeatTask c -> id("execution", c.executionId());
            case ReportTaskProgress c -> id("execution", c.executionId());
            case LogTaskMessage c -> id("execution", c.executionId());
            case ChangeTaskState c -> id("execution", c.executionId());
            case ChildClosed c -> id("parent", c.parentExecutionId());
            // They are about the partition itself, or about what it finds in it.
            case FollowPolicy c -> null;
            case TellPlaces c -> key("queue", orgId, WorkSubjects.homeKey(WorkSubject.Type.QUEUE.name(), c.queue()));
            case LendPlaces c -> null;
            case ClaimWork c -> null;
            case WorkerGone c -> null;
            case WorkerBack c -> null;
            case FireDue c -> null;
            case RecordRefusal c -> null;
            case RecordNote c -> null;
            case BeginTenure c -> null;
            case EndTenure c -> null;
            case RaiseRules c -> null;
        };
    }

    private @Nullable String newRun(List<WorkflowStep> steps) {
        for (WorkflowStep step : steps) {
            if (step instanceof ContinueAsNew c) {
                String stray = id("workflow execution", c.newExecutionId());
                if (stray != null) {
                    return stray;
                }
            }
        }
        return null;
    }

    private @Nullable String start(UUID orgId, StartWorkflow c) {
        return idAndKey("workflow execution", c.executionId(), orgId, c.idempotencyKey());
    }

    private @Nullable String idAndKey(String what, UUID id, UUID orgId, String key) {
        String stray = id(what, id);
        return stray != null || key.isEmpty() ? stray : key("idempotency key", orgId, key);
    }

    /** A promise lives with its workflow, and its id names the partition of both. */
    private @Nullable String promise(@Nullable UUID executionId, @Nullable UUID promiseId) {
        if (promiseId != null) {
            return id("promise", promiseId);
        }
        return executionId == null ? null : id("workflow execution", executionId);
    }

    private @Nullable String id(String what, UUID id) {
        return at(Shards.of(id), what, id.toString());
    }

    private @Nullable String key(String what, UUID orgId, String key) {
        return at(Shards.of(orgId, key), what, key);
    }

    private @Nullable String at(int shard, String what, String name) {
        int home = Shards.partition(shard, partitions);
        return home == partition ? null : what + " " + name + " of partition " + home;
    }
}
