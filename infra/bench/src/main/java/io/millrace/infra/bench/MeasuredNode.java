package io.millrace.infra.bench;

import io.millrace.infra.cli.Main;
import io.millrace.infra.embedded.FreePorts;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A server in a process of its own, with the JVM and the JVM's options of this process. Its ports stay the same when it
 * is started again. Its log goes to a file. For one thread; the caller closes it.
 */
public final class MeasuredNode implements AutoCloseable {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final int LAST_LINES = 20;

    private final List<String> command = new ArrayList<>();
    private final Path log;
    private final String host;
    private final int grpcPort;
    private final URI address;
    private final URI ready;
    private final HttpClient http = HttpClient.newHttpClient();
    /** Ends the server when this process is told to end, so that none is left behind. */
    private final Thread killer = new Thread(this::killIfItRuns, "millrace-bench-killer");

    /** Null before the first start. */
    private volatile @Nullable Process process;

    /**
     * @param log file of the server's log; later starts append to it
     * @param arguments arguments of the command line, without the ports
     */
    public MeasuredNode(Path log, List<String> arguments) throws IOException {
        this(log, arguments, List.of(), "127.0.0.1");
    }

    /**
     * One that may be in a network of its own.
     *
     * @param within words of a command that runs the command behind it, in its own process; may be none
     * @param host address that the server listens on, if the arguments say so, and is reached at
     * @see #MeasuredNode(Path, List)
     */
    public MeasuredNode(Path log, List<String> arguments, List<String> within, String host) throws IOException {
        this.log = log;
        this.host = host;
        List<Integer> ports = FreePorts.find(2);
        grpcPort = ports.getFirst();
        int httpPort = ports.getLast();
        address = URI.create("http://" + host + ":" + httpPort);
        ready = address.resolve("/_/ready");
        command.addAll(within);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        Runtime.getRuntime().addShutdownHook(killer);
        command.addAll(List.of("--set", "grpc.port=" + grpcPort, "--set", "http.port=" + httpPort));
    }

    /** @return its port of gRPC */
    public int grpcPort() {
        return grpcPort;
    }

    /** @return address of its gRPC */
    public InetSocketAddress grpc() {
        return InetSocketAddress.createUnresolved(host, grpcPort);
    }

    /** @return address of its HTTP */
    public URI address() {
        return address;
    }

    /** @return whether its process runs */
    public boolean isAlive() {
        return started().isAlive();
    }

    /** Starts the server, and returns at once. */
    public void start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(Redirect.appendTo(log.toFile()))
                .redirectError(Redirect.appendTo(log.toFile()))
                .redirectInput(new File("/dev/null"));
        // The user's own settings are not meant for these servers.
        builder.environment().keySet().removeIf(MeasuredNode::isSetting);
        process = builder.start();
    }

    /** @throws NullPointerException before the first start */
    private Process started() {
        return Objects.requireNonNull(process, "process of a server that was started");
    }

    private static boolean isSetting(String variable) {
        return variable.startsWith("MILLRACE_")
                || List.of("CONFIG_FILE", "GRPC_SERVER_PORT", "SERVER_PORT", "OTEL_EXPORTER_OTLP_ENDPOINT")
                        .contains(variable);
    }

    /** Waits until the server says by HTTP that it is ready. */
    public void awaitReady() throws InterruptedException, IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isReady()) {
            if (!started().isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException("expected a server to be ready within " + PATIENCE.toSeconds()
                        + " s, but it "
                        + (started().isAlive()
                                ? "was not"
                                : "ended with " + started().exitValue())
                        + "; its log ends with\n" + endOfLog());
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    private String endOfLog() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    private boolean isReady() throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(ready).timeout(Duration.ofSeconds(5)).build();
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // not there yet
        }
    }

    /** @return CPU time of the server since its last start, seconds */
    double cpuSeconds() {
        return started().info().totalCpuDuration().map(Duration::toNanos).orElse(0L) / 1e9;
    }

    /** Kills the server, as a power cut would, and waits until it is gone. */
    public void kill() throws InterruptedException {
        started().destroyForcibly();
        awaitEnd();
    }

    private void killIfItRuns() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /** Asks the server to stop, and returns at once. */
    public void stop() {
        started().destroy();
    }

    /** Waits until the server has ended. */
    public void awaitEnd() throws InterruptedException {
        if (!started().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    "expected a server to end within " + PATIENCE.toSeconds() + " s, but it did not");
        }
    }

    /** @return its process id */
    public long pid() {
        return started().pid();
    }

    /** Lets the server stand still in the midst of its work, until {@link #wake}. */
    public void sleep() throws InterruptedException {
        signal("-STOP");
    }

    /** Lets the server go on. */
    public void wake() throws InterruptedException {
        signal("-CONT");
    }

    private void signal(String name) throws InterruptedException {
        if (!Signals.send(name, started().pid())) {
            throw new IllegalStateException("expected kill " + name + " to work on a server, but it did not");
        }
    }

    /** Stops the server in order if it still runs, so that it writes nothing more into its folder. */
    @Override
    public void close() throws InterruptedException {
        http.close();
        Process running = process;
        if (running != null && running.isAlive()) {
            wake();
            stop();
            awaitEnd();
        }
        Runtime.getRuntime().removeShutdownHook(killer);
    }
}
