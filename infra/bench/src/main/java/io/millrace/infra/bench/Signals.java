package io.millrace.infra.bench;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Signals to processes that the Java library does not know. */
public final class Signals {

    private Signals() {}

    /**
     * @param name of the signal with a dash before it, such as {@code -STOP}
     * @return whether there was such a process
     */
    public static boolean send(String name, long pid) throws InterruptedException {
        try {
            return new ProcessBuilder("kill", name, Long.toString(pid))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
