package io.millrace.infra.cli;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.replay.Difference;
import io.millrace.dispatcher.replay.Verification;
import io.millrace.dispatcher.replay.VerifyRange;
import io.millrace.dispatcher.replay.VerifyReport;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.infra.client.print.Cell;
import io.millrace.proto.Moment;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Replays the log and compares. */
@Command(
        name = "verify",
        description = {
            "Carries the log of commands out again, in memory, and compares what comes of it with what is recorded.",
            "Reads Kafka alone and writes nothing; the installation may run meanwhile. docs/replay.md tells more.",
            "Exit code 0 if nothing differs, 1 if anything does, 2 if it could not be looked at."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = VerifyCommand.NOT_SEEN)
public final class VerifyCommand implements Callable<Integer> {

    static final int NOT_SEEN = 2;
    private static final int DIFFERENT = 1;

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions options;

    @Option(
            names = "--from",
            paramLabel = "MOMENT",
            converter = LogOptions.Moments.class,
            description =
                    "Compares from there on: a time such as 2026-01-31T00:00:00Z, or partition:offset. What is before is"
                            + " carried out too.")
    private Moment from;

    @Option(
            names = "--to",
            paramLabel = "MOMENT",
            converter = LogOptions.Moments.class,
            description = "Ends before it. Otherwise at the last outcome that is committed now.")
    private Moment to;

    @Option(names = "--partition", paramLabel = "N", description = "Only this partition. May be repeated.")
    private Set<Integer> partitions = new TreeSet<>();

    @Option(
            names = "--rules",
            paramLabel = "VERSION",
            description =
                    "Lets these rules decide from the beginning, whatever the log says: what would they have decided otherwise?")
    private Integer rules;

    @Override
    public Integer call() throws Exception {
        if (rules != null && (rules <= Rules.OLDEST || rules > Rules.VERSION)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected rules newer than " + Rules.OLDEST + " and up to " + Rules.VERSION + ", but got " + rules);
        }
        long begun = System.nanoTime();
        try (LogOptions.Opened opened = options.open("")) {
            Map<Integer, VerifyRange> ranges = ranges(opened.log());
            long all = 0;
            for (Map.Entry<Integer, VerifyRange> range : ranges.entrySet()) {
                all += Math.min(
                        range.getValue().to(),
                        opened.log().bounds(range.getKey()).end());
            }
            VerifyReport report = verify(opened.log(), ranges, all);
            return print(report, ranges.size(), (System.nanoTime() - begun) / 1e9);
        }
    }

    private VerifyReport verify(RecordedLog log, Map<Integer, VerifyRange> ranges, long all)
            throws InterruptedException {
        long begun = System.nanoTime();
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            return new Verification(log)
                    .run(
                            ranges,
                            done -> line.show(
                                    done,
                                    all,
                                    String.format(
                                            Locale.ROOT,
                                            "%,d commands, %,.0f/s",
                                            done,
                                            done / ((System.nanoTime() - begun) / 1e9))));
        }
    }

    private Map<Integer, VerifyRange> ranges(RecordedLog log) {
        if (from instanceof Moment.Time first
                && to instanceof Moment.Time last
                && first.instant().isAfter(last.instant())) {
            throw new LogUnreadableException(
                    "expected a moment to begin that is before the one to end, but they are " + first + " and " + last);
        }
        Set<Integer> wanted = new TreeSet<>(partitions);
        wanted.forEach(log::partition);
        narrow(wanted, from, log);
        narrow(wanted, to, log);
        if (wanted.isEmpty()) {
            for (int partition = 0; partition < log.partitions(); partition++) {
                wanted.add(partition);
            }
        }
        Map<Integer, VerifyRange> ranges = new TreeMap<>();
        for (int partition : wanted) {
            long first = from == null ? 0 : log.at(partition, from);
            long end = to == null ? Long.MAX_VALUE : log.at(partition, to);
            if (first > end) {
                throw new LogUnreadableException(
                        "expected a moment to begin that is before the one to end, but in partition " + partition
                                + " they are the offsets " + first + " and " + end);
            }
            ranges.put(partition, new VerifyRange(first, end, rules == null ? 0 : rules));
        }
        return ranges;
    }

    /** A place in a partition limits the check to that partition. */
    private static void narrow(Set<Integer> wanted, Moment moment, RecordedLog log) {
        switch (moment) {
            case null -> {}
            case Moment.Time time -> log.expectWithin(time.instant(), Instant.now());
            case Moment.LogOffset place -> {
                log.partition(place.partition());
                if (!wanted.isEmpty() && !wanted.equals(Set.of(place.partition()))) {
                    throw new LogUnreadableException("expected moments of the one partition that is looked at, but "
                            + place + " is of partition " + place.partition() + ", and asked for is " + wanted);
                }
                wanted.add(place.partition());
            }
        }
    }

    private int print(VerifyReport report, int looked, double seconds) {
        PrintWriter out = spec.commandLine().getOut();
        report.first().ifPresent(first -> print(out, first));
        if (!report.groups().isEmpty()) {
            out.println("differences:");
            for (VerifyReport.Group group : report.sorts()) {
                out.printf(
                        Locale.ROOT,
                        "%,12d  %s: %s (%s)%n",
                        report.groups().get(group),
                        group.command(),
                        group.kind().text(),
                        group.byRules() ? "intended: other rules decided" : "not intended: the same rules decided");
            }
            if (report.followingOutcomes() > 0) {
                out.printf(
                        Locale.ROOT,
                        "%,12d  more differ only because something before them does%n",
                        report.followingOutcomes());
            }
        }
        report.unseen()
                .forEach((partition, why) ->
                        out.println("partition " + partition + " was not looked at to its end: " + why));
        out.printf(
                Locale.ROOT,
                "%s: %,d outcomes of %d partitions compared in %.1f s, %,.0f/s%n",
                report.groups().isEmpty() ? "the same" : "different",
                report.comparedOutcomes(),
                looked,
                seconds,
                report.comparedOutcomes() / seconds);
        out.flush();
        if (!report.unseen().isEmpty()) {
            return NOT_SEEN;
        }
        return report.groups().isEmpty() ? 0 : DIFFERENT;
    }

    private static void print(PrintWriter out, Difference first) {
        out.println("the first difference: " + first.kind().text());
        first.asked().forEach(line -> out.println("  " + Cell.of(line).text()));
        out.println("  recorded (-) and what comes of it now (+):");
        first.sides().forEach(line -> out.println("  " + Cell.of(line).text()));
    }
}
