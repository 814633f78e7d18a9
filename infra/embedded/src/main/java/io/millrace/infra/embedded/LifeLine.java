package io.millrace.infra.embedded;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a command when this process ends without a word, as it does when it is killed: a shell waits for the end of a pipe
 * that only this process holds open.
 */
final class LifeLine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LifeLine.class);

    /** Ctrl-C goes to every process of the terminal, and this one is to outlive the one that it watches. */
    private static final String SCRIPT = "trap '' INT HUP; cat >/dev/null; exec \"$@\"";

    /** The pipe is closed with the last reference to the process. */
    private static final Set<Process> OPEN = ConcurrentHashMap.newKeySet();

    private final Process shell;

    private LifeLine(Process shell) {
        this.shell = shell;
        OPEN.add(shell);
    }

    /** @param command what to run then */
    static LifeLine to(List<String> command) throws IOException {
        List<String> all = new ArrayList<>(List.of("sh", "-c", SCRIPT, "millrace-life-line"));
        all.addAll(command);
        return new LifeLine(new ProcessBuilder(all)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Lets go of it: the command is not run any more. */
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
