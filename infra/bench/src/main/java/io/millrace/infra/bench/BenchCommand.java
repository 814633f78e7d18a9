package io.millrace.infra.bench;

import io.millrace.infra.cli.FurtherCommand;
import io.millrace.infra.cli.TemporaryFolder;
import io.millrace.infra.embedded.DevServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code millrace bench NAME}: measures a server in a temporary folder. Server and clients run in this process, except
 * servers that a benchmark kills: these are processes of their own.
 */
@Command(
        name = "bench",
        description =
                "Measures one of: notify, throughput, wait, crowd, task, timers, schedules, resume, read-model, lists, console, replay, failover, machines, restart, warm-up, audit, encryption.",
        mixinStandardHelpOptions = true)
public final class BenchCommand implements FurtherCommand {

    private static final List<String> NAMES = List.of(
            "notify",
            "throughput",
            "wait",
            "crowd",
            "task",
            "timers",
            "schedules",
            "resume",
            "read-model",
            "lists",
            "console",
            "replay",
            "failover",
            "machines",
            "restart",
            "warm-up",
            "audit",
            "encryption");

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "Which benchmark.")
    private String name;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as well.")
    private Path json;

    @Option(names = "--rate", split = ",", description = "Open loop: starts a second (default: 100,300).")
    private List<Integer> rates = List.of(100, 300);

    @Option(names = "--in-flight", split = ",", description = "Closed loop: workflows under way (default: 32,256).")
    private List<Integer> inFlight = List.of(32, 256);

    @Option(names = "--crowd", split = ",", description = "Idle subscriptions (default: 0,100,400,10000).")
    private List<Integer> crowds = List.of(0, 100, 400, 10_000);

    @Option(
            names = "--count",
            description =
                    "Pending timers, schedules due together, events of a read model, rows of lists, commands of a log, open workflows (default: ${DEFAULT-VALUE}).")
    private int count = 100_000;

    @Option(names = "--warm-up", description = "Seconds of warming up, not measured (default: ${DEFAULT-VALUE}).")
    private int warmUp = 60;

    @Option(names = "--seconds", description = "Length of a round (default: ${DEFAULT-VALUE}).")
    private int seconds = 10;

    @Option(names = "--rounds", description = "Measured rounds (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(
            names = "--turns",
            paramLabel = "FILE",
            description =
                    "throughput: let benchmarks of several builds that run at the same time, and name the same file, take turns round by round.")
    private Optional<Path> turns = Optional.empty();

    /** Not in a table: every command loads this class, and benchmarks have much to set up. */
    private Bench bench() {
        return switch (name) {
            case "notify" -> new NotifyBench();
            case "throughput" -> new ThroughputBench();
            case "wait" -> new WaitBench();
            case "crowd" -> new CrowdBench();
            case "task" -> new TaskBench();
            case "timers" -> new TimersBench();
            case "schedules" -> new SchedulesBench();
            case "resume" -> new ResumeBench();
            case "read-model" -> new ReadModelBench();
            default ->
                throw new ParameterException(spec.commandLine(), "expected one of " + NAMES + ", but got " + name);
        };
    }

    @Override
    public Integer call() throws Exception {
        BenchOptions options = new BenchOptions(rates, inFlight, crowds, count, warmUp, seconds, rounds, turns);
        Path data = TemporaryFolder.make("millrace-bench");
        System.err.printf("%s: starting servers, then %d s of warming up and %d rounds%n", name, warmUp, rounds);
        try {
            Report report = switch (name) {
                case "failover" -> new FailoverBench(false).run(options, data);
                case "machines" -> new FailoverBench(true).run(options, data);
                case "encryption" -> new EncryptionBench().run(options, data);
                case "lists" -> new ListsBench().run(options, data);
                case "replay" -> new ReplayBench().run(options, data);
                case "console" -> new ConsoleBench().run(options, data);
                case "restart" -> new RestartBench().run(options, data);
                case "warm-up" -> new WarmUpBench().run(options, data);
                case "audit" -> new AuditBench().run(options, data);
                default -> inThisProcess(bench(), options, data);
            };
            report.print(spec.commandLine().getOut(), options);
            if (json != null) {
                report.write(json, options);
            }
        } finally {
            TemporaryFolder.delete(data);
        }
        return 0;
    }

    private static Report inThisProcess(Bench bench, BenchOptions options, Path data) throws Exception {
        try (DevServer server = DevServer.start(
                data, DevServer.config(data, Map.of("grpc.port", "0", "http.port", "0"), Map.of()), true)) {
            BenchTarget target = new BenchTarget(
                    "127.0.0.1",
                    server.server().grpcPort(),
                    server.server().httpPort(),
                    server.kafka(),
                    server.database().orElseThrow(),
                    Optional.of(() -> server.server().notifierStats().orElseThrow()));
            return bench.run(options, target);
        }
    }
}
