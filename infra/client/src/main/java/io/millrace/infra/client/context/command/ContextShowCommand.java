package io.millrace.infra.client.context.command;

import io.millrace.infra.client.api.Target;
import io.millrace.infra.client.command.ConnectionOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.context.Choice;
import io.millrace.infra.client.print.Details;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows which server is asked. */
@Command(
        name = "show",
        description = "Shows which server commands ask that are called here with these options, without its key.")
final class ContextShowCommand extends ContextAction {

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    ContextShowCommand(Invocation around) {
        super(around);
    }

    @Override
    public Integer call() {
        Choice choice = connection.choose(around());
        Target target = choice.target();
        new Details()
                .line("context", target.name())
                .line("url", target.url().toString())
                .line("organisation", target.organisation())
                .line("key", target.token().isEmpty() ? "none" : "set")
                .line("authorities", target.tls().authorities())
                .line("certificate", target.tls().certificate())
                .line("data", choice.devData().map(Path::toString).orElse(""))
                .print(out(), around().screen());
        return 0;
    }
}
