package io.millrace.infra.cli;

import io.millrace.infra.embedded.NodeFile;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command that looks at a log, as it was called and as it ended. */
record LogCommand(int exit, String out, String err) {

    /** Runs one that looks at the server's log. */
    static LogCommand run(TestServer server, String... args) {
        try (TempFolder folder = new TempFolder()) {
            Path file = NodeFile.write(folder.path(), server.kafka(), Map.of());
            List<String> all = new ArrayList<>(List.of(args));
            all.addAll(List.of("--config", file.toString()));
            return run(all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code verify} until it has seen the log to its end, which others may write on meanwhile. */
    static LogCommand verify(TestServer server) {
        return Await.found(
                "the log to be seen to its end",
                () -> Optional.of(run(server, "verify")).filter(verify -> verify.exit() != VerifyCommand.NOT_SEEN));
    }

    /** Runs one as it stands. */
    static LogCommand run(List<String> args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = Main.execute(args.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
        return new LogCommand(exit, out.toString(), err.toString());
    }

    /** @return all that it said */
    String all() {
        return "exit code " + exit + "\n" + out + err;
    }
}
