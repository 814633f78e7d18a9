package io.millrace.infra.cli;

import io.millrace.infra.config.KafkaSettings;
import io.millrace.ingest.readmodel.ReadModelCompare;
import io.millrace.proto.kafka.ClientSettings;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Compares PostgreSQL with the log. */
@Command(
        name = "compare",
        description = {
            "Fills a second read model beside the first, from Kafka, and names every row in which the two differ.",
            "Nodes may go on meanwhile; the database needs the room, and its user the right to make a schema.",
            "Exit code 1 if anything differs."
        },
        mixinStandardHelpOptions = true)
public final class AuditCompareCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private NodeOptions options;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        long differences;
        try (NodeOptions.Opened opened = options.open()) {
            KafkaSettings kafka = opened.config().kafka();
            differences = ReadModelCompare.run(
                    opened.database()
                            .readModel(new ClientSettings(kafka.bootstrapServers(), kafka.properties()))
                            .sealedWith(opened.config().macs().macs()),
                    out::println);
        }
        if (differences == 0) {
            out.println("the read model says what the log says");
            return 0;
        }
        out.printf(Locale.ROOT, "%,d differences; `millrace rebuild-read-model` makes it anew%n", differences);
        return 1;
    }
}
