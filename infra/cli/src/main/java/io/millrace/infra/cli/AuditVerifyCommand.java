package io.millrace.infra.cli;

import io.millrace.ingest.audit.proof.Cosignatures;
import io.millrace.ingest.audit.proof.ProofFile;
import io.millrace.ingest.audit.proof.ProofFile.Checked;
import io.millrace.ingest.audit.tlog.TlogException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a file of proofs without any server. */
@Command(
        name = "verify",
        description = {
            "Checks a file of proofs, without network and without a server.",
            "Exit code 1 if anything is wrong; the first thing is named."
        },
        mixinStandardHelpOptions = true)
public final class AuditVerifyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The file of proofs.")
    private Path file;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            required = true,
            description = "A verifier key of the log, or a file of them, one on a line. May be repeated.")
    private List<String> keys;

    @Option(
            names = "--witness",
            paramLabel = "KEY",
            description = "The verifier key of a witness that has to have signed, or a file of them. May be repeated.")
    private List<String> witnesses = new ArrayList<>();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Checked checked;
        try (InputStream proofs = Files.newInputStream(file)) {
            checked = ProofFile.verify(proofs, VerifierKeys.read(keys), VerifierKeys.read(witnesses));
        } catch (IOException e) {
            throw new TlogException("expected to read " + file + ", but could not: " + e.getMessage(), e);
        }
        out.printf(
                Locale.ROOT,
                "good: execution %s, %,d records with %,d events, the last of them %s%n",
                checked.head().execution(),
                checked.verdict().records(),
                checked.verdict().events(),
                checked.verdict().lastEvent());
        out.printf(
                Locale.ROOT,
                "hashes checked: of all events, and the running hash of the partition of %,d records, whose outcome before"
                        + " is in the file%n",
                checked.verdict().followed());
        out.printf(
                Locale.ROOT,
                "log %s at size %,d, root %s, signed by %,d witnesses of those given%n",
                checked.checkpoint().origin(),
                checked.checkpoint().size(),
                checked.checkpoint().root(),
                Cosignatures.count(checked.head().checkpoint(), VerifierKeys.read(witnesses)));
        return 0;
    }
}
