package io.millrace.infra.cli;

import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.ingest.audit.witness.Witness;
import io.millrace.ingest.audit.witness.WitnessConfig;
import io.millrace.ingest.audit.witness.WitnessServer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a witness of transparency logs. */
@Command(
        name = "witness",
        description = {
            "Signs checkpoints of transparency logs that have grown from those it signed before (tlog-witness).",
            "To be run by somebody else than those whose logs they are. docs/audit.md tells of its settings."
        },
        mixinStandardHelpOptions = true)
final class WitnessCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "TOML file of settings.")
    private Path file;

    @Override
    public Integer call() {
        WitnessConfig config = WitnessConfig.read(file);
        Witness witness = new Witness(
                config.name(), KeyFile.read(config.keyFile()), config.logs(), config.data(), Clock.systemUTC());
        WitnessServer server =
                RunningUntilStopped.start(() -> new WitnessServer(witness, config.host(), config.port()));
        PrintWriter out = spec.commandLine().getOut();
        out.println("millrace witness " + config.name() + " at http://" + config.host() + ":" + server.port()
                + " signs with:");
        for (VerifierKey key : witness.keys()) {
            out.println(key);
        }
        return RunningUntilStopped.await(
                RunningUntilStopped.never(), spec.commandLine().getErr());
    }
}
