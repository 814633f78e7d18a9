package io.millrace.infra.client;

import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;

/** All commands that ask a server, and which belongs to which. */
public final class ClientCommands {

    private ClientCommands() {}

    /** A command, and how to make it. Only the command that is called is made, since each costs time at the start. */
    private record Entry(String name, Function<Invocation, CommandLine> make) {}

    private static final String AUDIT = "audit";

    private static final List<Entry> ALL = List.of(
            new Entry("workflow", ClientCommands::workflow),
            new Entry("task", ClientCommands::task),
            new Entry("schedule", ClientCommands::schedule),
            new Entry(
                    "bulk",
                    around -> group(
                            new BulkCommand(),
                            new BulkBeginCommand(around),
                            PlainList.BULK_JOBS.command(around),
                            new BulkShowCommand(around),
                            new BulkItemsCommand(around),
                            new BulkSteerCommand.Pause(around),
                            new BulkSteerCommand.Resume(around),
                            new BulkSteerCommand.Stop(around))),
            new Entry(
                    "query",
                    around -> group(
                            new QueryCommand(),
                            PlainList.QUERIES.command(around),
                            new QuerySaveCommand(around),
                            new QueryDeleteCommand(around))),
            new Entry("dead-letters", around -> new CommandLine(new DeadLettersCommand(around))),
            new Entry(
                    "worker",
                    around -> group(
                            new WorkerCommand(),
                            new WorkerListCommand(around),
                            new WorkerDrainCommand(around),
                            new WorkerUndrainCommand(around))),
            new Entry(
                    "queue",
                    around -> group(
                            new QueueCommand(),
                            PlainList.QUEUES.command(around),
                            new QueueShowCommand(around),
                            new QueueWhyCommand(around),
                            new QueuePauseCommand(around),
                            new QueueResumeCommand(around),
                            new QueueLimitCommand(around),
                            new QueueUnlimitCommand(around))),
            new Entry(
                    "kind",
                    around -> group(
                            new KindCommand(),
                            PlainList.KINDS.command(around),
                            new KindPauseCommand(around),
                            new KindResumeCommand(around))),
            new Entry(
                    "promise",
                    around -> group(
                            new PromiseCommand(), new PromiseResolveCommand(around), new PromiseRejectCommand(around))),
            new Entry(
                    "key",
                    around -> group(
                            new KeyCommand(),
                            PlainList.KEYS.command(around),
                            new KeyCreateCommand(around),
                            new KeyExpireCommand(around),
                            new KeyRevokeCommand(around))),
            new Entry(
                    AUDIT,
                    around -> group(new TrailCommands(), new AuditListCommand(around), new AuditProofCommand(around))),
            new Entry("erase", around -> new CommandLine(new EraseCommand(around))),
            new Entry("status", around -> new CommandLine(new StatusCommand(around))),
            new Entry("context", ClientCommands::context),
            new Entry("version", around -> new CommandLine(new VersionCommand())));

    /** Adds all of them. If there is a command {@code audit} already, the audit commands are added to that one. */
    public static void addTo(CommandLine line, Invocation around) {
        for (Entry entry : ALL) {
            CommandLine audit = line.getSubcommands().get(AUDIT);
            if (audit != null && entry.name().equals(AUDIT)) {
                audit.addSubcommand(new AuditListCommand(around)).addSubcommand(new AuditProofCommand(around));
            } else {
                line.addSubcommand(entry.name(), entry.make().apply(around));
            }
        }
    }

    /** @return whether there is a command of that name; if so, it was added */
    static boolean addOnly(String name, CommandLine line, Invocation around) {
        for (Entry entry : ALL) {
            if (entry.name().equals(name)) {
                line.addSubcommand(name, entry.make().apply(around));
                return true;
            }
        }
        return false;
    }

    private static CommandLine workflow(Invocation around) {
        return group(
                new WorkflowCommand(),
                new WorkflowListCommand(around),
                new CountCommand(around, Kind.WORKFLOW),
                new WorkflowShowCommand(around),
                new WhyCommand(around, Kind.WORKFLOW),
                new WorkflowStartCommand(around),
                new WorkflowSignalCommand(around),
                new WorkflowSignalWithStartCommand(around),
                new ResultCommand(around, Kind.WORKFLOW),
                new WatchCommand(around, Kind.WORKFLOW),
                new WorkflowEventsCommand(around),
                new WorkflowStateCommand(around),
                new WorkflowCancelCommand(around),
                new WorkflowTerminateCommand(around),
                new WorkflowAnnotateCommand(around),
                new WorkflowPauseCommand(around),
                new WorkflowResumeCommand(around),
                new WorkflowResetCommand.Retry(around),
                new WorkflowResetCommand.Reset(around),
                new WorkflowResetCommand.Restart(around),
                new WorkflowResetCommand.ContinueAsNew(around));
    }

    private static CommandLine task(Invocation around) {
        return group(
                new TaskCommand(),
                new TaskListCommand(around),
                new CountCommand(around, Kind.TASK),
                new TaskShowCommand(around),
                new WhyCommand(around, Kind.TASK),
                new TaskSubmitCommand(around),
                new ResultCommand(around, Kind.TASK),
                new WatchCommand(around, Kind.TASK),
                new TaskCancelCommand(around),
                new TaskRetryCommand(around));
    }

    private static CommandLine schedule(Invocation around) {
        return group(
                new ScheduleCommand(),
                PlainList.SCHEDULES.command(around),
                new ScheduleShowCommand(around),
                new ScheduleRunsCommand(around),
                new ScheduleCreateCommand(around),
                new ScheduleUpdateCommand(around),
                new SchedulePauseCommand(around),
                new ScheduleResumeCommand(around),
                new ScheduleTriggerCommand(around),
                new ScheduleBackfillCommand(around),
                new ScheduleDeleteCommand(around));
    }

    private static CommandLine context(Invocation around) {
        return group(
                new ContextCommand(),
                new ContextSetCommand(around),
                new ContextUseCommand(around),
                new ContextListCommand(around),
                new ContextShowCommand(around),
                new ContextDeleteCommand(around));
    }

    private static CommandLine group(CommandGroup group, Object... commands) {
        CommandLine line = new CommandLine(group);
        for (Object command : commands) {
            line.addSubcommand(command);
        }
        return line;
    }
}
