package io.millrace.infra.cli;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.server.OperatorNotes;
import io.millrace.infra.topics.TopicAdmin;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.ingest.readmodel.ReadModelRebuild;
import io.millrace.ingest.validation.Checks;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes the read model anew from Kafka. */
@Command(
        name = "rebuild-read-model",
        description = {
            "Makes the read model in PostgreSQL anew from Kafka.",
            "Nodes go on with the old one meanwhile; the new one takes its place when it has caught up. The database needs room"
                    + " for both, and its user the right to make schemas. If it fails, the old one stays in use."
        },
        mixinStandardHelpOptions = true)
public final class RebuildReadModelCommand implements Callable<Integer> {

    private static final long SAY_NANOS = 2_000_000_000L;

    @Spec
    private CommandSpec spec;

    @Mixin
    private NodeOptions options;

    @Option(
            names = "--in-place",
            description =
                    "Drops the old one first, for want of room. Nodes with the role ingest that use the database have to be"
                            + " stopped; exit code 1 if one is not, and nothing is changed then.")
    private boolean inPlace;

    @Option(
            names = "--past-breaks",
            description =
                    "Goes on behind outcomes that do not fit the log before them. Look at the table log_breaks first:"
                            + " what is behind may be forged.")
    private boolean pastBreaks;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            description = "Why. It stands in the log, with the user and the host, before anything is made or dropped.")
    private String reason;

    @Override
    public Integer call() throws Exception {
        if (Checks.isNothing(reason)) {
            throw new ParameterException(spec.commandLine(), "expected a reason as --reason, but there is none");
        }
        try (NodeOptions.Opened opened = options.open()) {
            DatabaseSettings database = opened.database();
            try (TopicAdmin topics = TopicAdmin.of(opened.config())) {
                topics.check();
            }
            rebuild(database, opened.config());
        }
        return 0;
    }

    private void rebuild(DatabaseSettings database, ServerConfig node) throws SQLException {
        PrintWriter out = spec.commandLine().getOut();
        ReadModelConfig config = database.readModel(node.kafka().clients())
                .sealedWith(node.macs().macs());
        Map<String, String> details =
                Map.of("past_breaks", String.valueOf(pastBreaks), "in_place", String.valueOf(inPlace));
        Runnable note = () -> OperatorNotes.write(node, OperatorNotes.REBUILD, reason, details);
        long begun = System.nanoTime();
        long[] said = {begun};
        Consumer<ReadModelRebuild.Progress> progress = now -> {
            if (System.nanoTime() - said[0] > SAY_NANOS) {
                said[0] = System.nanoTime();
                out.printf(
                        Locale.ROOT,
                        "%,d events taken in, %d %% of the log%n",
                        now.events(),
                        100 * now.records() / Math.max(1, now.ofRecords()));
                out.flush();
            }
        };
        ReadModelRebuild.Progress end = inPlace
                ? ReadModelRebuild.inPlace(config, pastBreaks, note, progress)
                : ReadModelRebuild.beside(config, pastBreaks, note, progress);
        double seconds = (System.nanoTime() - begun) / 1e9;
        out.printf(Locale.ROOT, "rebuilt the read model: %,d events in %.1f s%n", end.events(), seconds);
        if (end.passedOver() > 0) {
            out.printf(
                    Locale.ROOT,
                    "%,d records could not be taken in; the table projection_failures says why%n",
                    end.passedOver());
        }
        if (end.breaks() > 0) {
            out.printf(
                    Locale.ROOT,
                    "%,d outcomes do not fit the log before them; the table log_breaks says why%n",
                    end.breaks());
        }
        out.flush();
    }
}
