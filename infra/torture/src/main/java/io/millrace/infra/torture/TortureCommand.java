package io.millrace.infra.torture;

import io.millrace.infra.cli.FurtherCommand;
import io.millrace.infra.cli.TemporaryFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace torture}: kills and stops the parts of an installation while it works, and says what came of it. */
@Command(
        name = "torture",
        description = {
            "Runs several nodes on a Kafka and a PostgreSQL, kills and stops them all while workflows run, and checks that nothing"
                    + " acknowledged is missing, doubled or stuck.",
            "Exit code 0 if nothing is wrong. The same seed and options repeat the faults and the orders."
        },
        mixinStandardHelpOptions = true)
public final class TortureCommand implements FurtherCommand {

    private static final int FEWEST_NODES = 2;
    private static final int MOST_NODES = 9;

    @Spec
    private CommandSpec spec;

    @Option(names = "--minutes", paramLabel = "N", description = "How long (default: ${DEFAULT-VALUE}).")
    private double minutes = 5;

    @Option(names = "--seed", paramLabel = "N", description = "From which faults and orders are drawn (default: any).")
    private long seed = new Random().nextInt(Integer.MAX_VALUE);

    @Option(names = "--nodes", paramLabel = "N", description = "How many nodes (default: ${DEFAULT-VALUE}).")
    private int nodes = 3;

    @Option(
            names = "--brokers",
            paramLabel = "N",
            description =
                    "How many brokers (default: ${DEFAULT-VALUE}). Three and more keep three copies of each record.")
    private int brokers = 1;

    @Option(names = "--rate", paramLabel = "N", description = "Orders started in a second (default: ${DEFAULT-VALUE}).")
    private int rate = 5;

    @Option(
            names = "--faults",
            split = ",",
            paramLabel = "KIND",
            description = "Kinds of faults: ${COMPLETION-CANDIDATES} (default: all).")
    private Set<Fault> faults = EnumSet.allOf(Fault.class);

    @Option(
            names = "--rolling",
            description =
                    "Restarts the nodes in turn behind a balancer, in place of faults: no client may see a call fail.")
    private boolean rolling;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "An empty or new folder for logs and data, which are kept. Otherwise they are deleted.")
    private @Nullable Path keep;

    @Option(
            names = "--patience",
            paramLabel = "MINUTES",
            description =
                    "How long the last order may take to end, once all parts are well again (default: ${DEFAULT-VALUE}).")
    private double patience = 10;

    @Override
    public Integer call() throws Exception {
        expect(minutes > 0 && minutes <= 10_000, "more than 0 minutes and at most 10000", minutes);
        expect(nodes >= FEWEST_NODES && nodes <= MOST_NODES, FEWEST_NODES + " to " + MOST_NODES + " nodes", nodes);
        expect(brokers == 1 || brokers >= 3 && brokers <= MOST_NODES, "1 broker or 3 to " + MOST_NODES, brokers);
        expect(rate >= 1 && rate <= 1_000, "a rate of 1 to 1000", rate);
        expect(patience > 0, "a patience of more than 0 minutes", patience);
        TortureOptions options =
                new TortureOptions(minutes(minutes), seed, nodes, brokers, rate, faults, rolling, minutes(patience));
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "seed %d, %s minutes, %d nodes, %d %s; starts Kafka, PostgreSQL and the nodes%n",
                seed, minutes, nodes, brokers, brokers == 1 ? "broker" : "brokers");
        out.flush();
        Path folder = keep == null ? TemporaryFolder.make("millrace-torture") : kept(keep.toAbsolutePath());
        try {
            Findings findings = new Torture(options, folder, out).run();
            report(findings, out);
            return findings.wrongs() == 0 ? 0 : 1;
        } finally {
            if (keep == null) {
                TemporaryFolder.delete(folder);
            } else {
                out.println("logs and data are in " + folder);
            }
        }
    }

    private Path kept(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> there = Files.list(folder)) {
            expect(there.findAny().isEmpty(), "an empty or new folder behind --keep", folder);
        }
        return folder;
    }

    private void report(Findings findings, PrintWriter out) {
        findings.counts().forEach((what, count) -> out.printf("%,10d  %s%n", count, what));
        findings.leftOut().forEach(text -> out.println("left out: " + text));
        List<String> texts = findings.texts();
        texts.forEach(text -> out.println("WRONG: " + text));
        if (findings.wrongs() > texts.size()) {
            out.printf("and %,d more%n", findings.wrongs() - texts.size());
        }
        out.println(
                findings.wrongs() == 0
                        ? "nothing that was acknowledged is missing, doubled or stuck"
                        : "repeat it with --seed " + seed + " and the same options");
        out.flush();
    }

    private static Duration minutes(double count) {
        return Duration.ofMillis(Math.round(count * 60_000));
    }

    private void expect(boolean met, String expected, Object got) {
        if (!met) {
            throw new ParameterException(spec.commandLine(), "expected " + expected + ", but got " + got);
        }
    }
}
