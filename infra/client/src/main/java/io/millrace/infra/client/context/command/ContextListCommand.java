package io.millrace.infra.client.context.command;

import io.millrace.infra.client.api.Target;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.context.Contexts;
import io.millrace.infra.client.context.DevContext;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.TextTable;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists contexts. */
@Command(name = "list", description = "Lists contexts, without their keys. A star stands before the one in use.")
final class ContextListCommand extends ContextAction {

    ContextListCommand(Invocation around) {
        super(around);
    }

    @Override
    public Integer call() {
        Contexts contexts = contexts();
        List<Target> all = new ArrayList<>(contexts.all().values());
        boolean dev = !contexts.all().containsKey(DevContext.NAME);
        DevContext.find(around().folder())
                .filter(data -> dev)
                .flatMap(DevContext::in)
                .ifPresent(all::add);
        if (all.isEmpty()) {
            err().println("millrace: there are none; `millrace context set` makes one");
            return 0;
        }
        String inUse = contexts.current().isEmpty() ? DevContext.NAME : contexts.current();
        new TextTable<>(
                        out(),
                        around().screen(),
                        List.of(
                                Column.<Target>of(
                                        " ", target -> Cell.of(target.name().equals(inUse) ? "*" : "")),
                                Column.<Target>of("NAME", target -> Cell.of(target.name())),
                                Column.<Target>flexible(
                                        "URL", target -> Cell.of(target.url().toString())),
                                Column.<Target>of("ORG", target -> Cell.of(target.organisation()))))
                .print(all);
        return 0;
    }
}
