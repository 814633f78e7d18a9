package io.millrace.infra.client.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** As what the caller saw the thing that is to be changed. */
public final class VersionOption {

    @Option(
            names = "--version",
            paramLabel = "N",
            description =
                    "The version that was told of it. If it is another by now, nothing is done, and the exit code is 1.")
    private @Nullable Long version;

    /** @return the path's last part with it */
    public String on(String request) {
        return version == null ? request : request + "?version=" + version;
    }
}
