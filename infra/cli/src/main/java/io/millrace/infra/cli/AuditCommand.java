package io.millrace.infra.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands for auditors. Each command is a class of its own. */
@Command(
        name = "audit",
        description = "Proves and checks what happened.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AuditExportCommand.class,
            AuditCompareCommand.class,
            AuditKeygenCommand.class,
            AuditVerifyCommand.class
        })
public final class AuditCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    /** Called if no subcommand was given. That is an error. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "expected one of " + String.join(", ", spec.subcommands().keySet())
                        + " behind audit, but there is none");
    }
}
