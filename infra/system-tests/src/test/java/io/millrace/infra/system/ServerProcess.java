package io.millrace.infra.system;

import io.millrace.infra.cli.Main;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** `millrace dev` as a process of its own, for tests that kill it. Listens on free loopback ports. */
public final class ServerProcess extends MillraceProcess {

    private static final Pattern READY =
            Pattern.compile("millrace ready in \\S+ s: gRPC \\S+:(\\d+), HTTP (http://\\S+:\\d+), .*");

    private ServerProcess(List<String> command, Map<String, String> environment) {
        super(command, environment, READY);
    }

    /**
     * Starts it on the folder and waits until it is ready.
     *
     * @param more further arguments of the command
     */
    public static ServerProcess start(Path data, String... more) {
        List<String> command = java();
        command.addAll(dev(data));
        command.addAll(List.of(more));
        return new ServerProcess(command, Map.of());
    }

    /** As above, with so many files that it may have open, and so much heap. Ends when memory is lacking. */
    public static ServerProcess startSmall(Path data, int files, int heapMb, Map<String, String> environment) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + files + " && exec \"$0\" \"$@\""));
        command.addAll(java());
        command.add("-Xmx" + heapMb + "m");
        command.add("-XX:+ExitOnOutOfMemoryError"); // as the launcher starts it
        command.addAll(dev(data));
        return new ServerProcess(command, environment);
    }

    private static List<String> dev(Path data) {
        return List.of(
                "-cp",
                StartCache.classPath(),
                Main.class.getName(),
                "dev",
                "--data",
                data.toString(),
                "--grpc-port",
                "0",
                "--http-port",
                "0");
    }
}
