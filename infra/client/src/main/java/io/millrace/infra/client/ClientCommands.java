package io.millrace.infra.client;

import io.millrace.infra.client.audit.TrailCommands;
import io.millrace.infra.client.bulk.BulkCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.context.command.ContextCommand;
import io.millrace.infra.client.execution.DeadLettersCommand;
import io.millrace.infra.client.execution.QueryCommand;
import io.millrace.infra.client.key.EraseCommand;
import io.millrace.infra.client.key.KeyCommand;
import io.millrace.infra.client.promise.PromiseCommand;
import io.millrace.infra.client.queue.KindCommand;
import io.millrace.infra.client.queue.QueueCommand;
import io.millrace.infra.client.queue.WorkerCommand;
import io.millrace.infra.client.schedule.ScheduleCommand;
import io.millrace.infra.client.task.TaskCommand;
import io.millrace.infra.client.workflow.WorkflowCommand;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * All commands that ask a server. A group of commands stands in the package of its topic, and knows which commands it has.
 */
public final class ClientCommands {

    private ClientCommands() {}

    /** A command, and how to make it. Only the command that is called is made, since each costs time at the start. */
    private record Entry(String name, Function<Invocation, CommandLine> make) {}

    private static final String AUDIT = "audit";

    private static final List<Entry> ALL = List.of(
            new Entry("workflow", WorkflowCommand::of),
            new Entry("task", TaskCommand::of),
            new Entry("schedule", ScheduleCommand::of),
            new Entry("bulk", BulkCommand::of),
            new Entry("query", QueryCommand::of),
            new Entry("dead-letters", around -> new CommandLine(new DeadLettersCommand(around))),
            new Entry("worker", WorkerCommand::of),
            new Entry("queue", QueueCommand::of),
            new Entry("kind", KindCommand::of),
            new Entry("promise", PromiseCommand::of),
            new Entry("key", KeyCommand::of),
            new Entry(AUDIT, TrailCommands::of),
            new Entry("erase", around -> new CommandLine(new EraseCommand(around))),
            new Entry("status", around -> new CommandLine(new StatusCommand(around))),
            new Entry("context", ContextCommand::of),
            new Entry("version", around -> new CommandLine(new VersionCommand())));

    /** Adds all of them. If there is a command {@code audit} already, the audit commands are added to that one. */
    public static void addTo(CommandLine line, Invocation around) {
        for (Entry entry : ALL) {
            CommandLine audit = line.getSubcommands().get(AUDIT);
            if (audit != null && entry.name().equals(AUDIT)) {
                TrailCommands.addedTo(audit, around);
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
}
