package io.millrace.infra.embedded;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a command when this process ends without a word, as when it is killed. A shell waits for the end of a pipe that
 * only this process holds open.
 */
final class LifeLine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LifeLine.class);

    /**
     * The shell ignores Ctrl-C, which goes to every process of the terminal: it must outlive the process that it
     * watches.
     */
    private static final String SCRIPT = "trap '' INT HUP; cat >/dev/null; exec \"$@\"";

    /** Keeps the processes alive: a pipe is closed with the last reference to its process. */
    private static final Set<Process> OPEN = ConcurrentHashMap.newKeySet();

    private final Process shell;

    private LifeLine(Process shell) {
        this.shell = shell;
        OPEN.add(shell);
    }

    /** @param command what to run when this process has ended */
    static LifeLine to(List<String> command) throws IOException {
        List<String> all = new ArrayList<>(List.of("sh", "-c", SCRIPT, "millrace-life-line"));
        all.addAll(command);
        return new LifeLine(new ProcessBuilder(all)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Ends the life line: the command will not be run any more. */
    @Override
    public void close() {
        try {
            shell.destroyForcibly().waitFor();
            shell.getOutputStream().close();
        } catch (IOException e) {
            LOG.debug("closing the pipe of a shell that has ended", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            OPEN.remove(shell);
        }
    }
}
