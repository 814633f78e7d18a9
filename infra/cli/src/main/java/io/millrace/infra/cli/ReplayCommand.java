package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.dispatcher.replay.JsonTree;
import io.millrace.dispatcher.replay.StateAt;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.print.Cell;
import io.millrace.proto.Moment;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the state as it was. */
@Command(
        name = "replay",
        description = {
            "Shows the state as it was at a moment of the log: status, waits, timers, promises, children, who held which lease, and what"
                    + " was ready in which order.",
            "Reads Kafka alone and writes nothing. One workflow needs a part of the log only; a queue, or all, need all of it before"
                    + " the moment.",
            "Exit code 2 if the moment or the id is not in the log."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = VerifyCommand.NOT_SEEN)
public final class ReplayCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions options;

    @Option(
            names = "--until",
            paramLabel = "MOMENT",
            required = true,
            converter = LogMoments.OrNow.class,
            description = "The moment: a time such as 2026-01-31T14:03:00Z, partition:offset, or now.")
    private Moment until;

    @ArgGroup(multiplicity = "1")
    private Wanted wanted;

    @Option(names = "--json", description = "As JSON, in the form of docs/reference/history.md.")
    private boolean json;

    @Option(
            names = "--diff",
            paramLabel = "MOMENT",
            converter = LogMoments.OrNow.class,
            description = "Shows instead what is not the same at this other moment, or now.")
    private @Nullable Moment diff;

    /** What to show: one of these options. */
    private static final class Wanted {

        @Option(
                names = "--workflow",
                paramLabel = "ID",
                converter = IdConverter.class,
                description = "Of this workflow execution or task.")
        private @Nullable UUID workflow;

        @Option(
                names = "--queue",
                paramLabel = "NAME",
                description = "Of the queue of this name, in every organisation.")
        private @Nullable String queue;

        @Option(names = "--all", description = "Of everything.")
        private boolean all;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        try (LogOptions.Opened opened = options.open("")) {
            List<Moment> moments = new ArrayList<>();
            moments.add(until);
            if (diff != null) {
                moments.add(diff);
            }
            moments.forEach(moment -> LogMoments.expectWithin(opened.log(), moment));
            List<Map<String, Object>> states = wanted.workflow == null
                    ? states(opened.log(), moments)
                    : workflow(opened.log(), wanted.workflow, moments);
            if (diff != null) {
                List<String> differences = JsonTree.differences(states.getFirst(), states.getLast());
                (differences.isEmpty() ? List.of("the same") : differences)
                        .forEach(line -> out.println(Cell.of(line).text()));
            } else if (json) {
                out.println(JsonTree.json(states.getFirst()));
            } else {
                JsonTree.lines(states.getFirst())
                        .forEach(line -> out.println(Cell.of(line).text()));
            }
        }
        out.flush();
        return 0;
    }

    private List<Map<String, Object>> workflow(RecordedLog log, UUID id, List<Moment> moments) {
        List<Map<String, Object>> states = new ArrayList<>();
        for (Moment moment : moments) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("format", StateAt.FORMAT);
            tree.put("version", StateAt.VERSION);
            tree.put("until", moment.toString());
            ExecutionTrace trace =
                    ExecutionTrace.read(log, id, partition -> LogMoments.endOfOne(log, partition, moment));
            tree.put("partition", trace.partition());
            tree.put("open", trace.last().map(List::of).orElse(List.of()));
            states.add(tree);
        }
        return states;
    }

    private List<Map<String, Object>> states(RecordedLog log, List<Moment> moments) throws Exception {
        List<Integer> partitions = partitions(log, moments);
        List<Map<Integer, Long>> ends = new ArrayList<>();
        long all = 0;
        for (Moment moment : moments) {
            Map<Integer, Long> end = new TreeMap<>();
            partitions.forEach(partition -> end.put(partition, LogMoments.end(log, partition, moment)));
            ends.add(end);
        }
        for (int partition : partitions) {
            all += Math.min(
                    log.bounds(partition).end(),
                    ends.stream()
                            .mapToLong(end -> end.getOrDefault(partition, 0L))
                            .max()
                            .orElse(0));
        }
        boolean turned = ends.size() > 1
                && partitions.stream()
                        .anyMatch(partition -> ends.getFirst().getOrDefault(partition, 0L)
                                > ends.getLast().getOrDefault(partition, 0L));
        List<Map<Integer, Long>> ascending = turned ? ends.reversed() : ends;
        long total = all;
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            List<Map<String, Object>> states = new StateAt(
                            log,
                            wanted.queue,
                            done -> line.show(done, total, String.format(Locale.ROOT, "%,d commands", done)))
                    .at(partitions, ascending);
            return turned ? states.reversed() : states;
        }
    }

    private static List<Integer> partitions(RecordedLog log, List<Moment> moments) {
        List<Integer> named = moments.stream()
                .filter(Moment.LogOffset.class::isInstance)
                .map(moment -> ((Moment.LogOffset) moment).partition())
                .distinct()
                .toList();
        if (named.size() > 1) {
            throw new LogUnreadableException("expected moments of one partition, but got some of " + named);
        }
        return named.isEmpty() ? IntStream.range(0, log.partitions()).boxed().toList() : named;
    }
}
