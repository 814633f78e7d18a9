package io.millrace.infra.cli;

import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.tlog.KeyType;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes keys for a log or a witness. */
@Command(
        name = "keygen",
        description = {
            "Makes a file with new keys: Ed25519, and ML-DSA-44 with JDK 24 or newer.",
            "With --origin or --witness the verifier keys are printed, which others check signatures by."
        },
        mixinStandardHelpOptions = true)
public final class AuditKeygenCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The file to make; it may not be there yet.")
    private Path file;

    @Option(names = "--ed25519-only", description = "Leaves ML-DSA-44 out.")
    private boolean ed25519Only;

    @Option(
            names = "--origin",
            paramLabel = "NAME",
            description = "Prints the verifier keys of the logs of an installation: NAME/0, NAME/1 …")
    private @Nullable String origin;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many partitions it has. Otherwise 16.")
    private int partitions;

    @Option(
            names = "--witness",
            paramLabel = "NAME",
            description = "Prints the verifier keys of a witness of this name.")
    private @Nullable String witness;

    @Override
    public Integer call() {
        expectName("--origin", origin);
        expectName("--witness", witness);
        List<SigningKey> keys = KeyFile.create(file, ed25519Only ? List.of(KeyType.ED25519) : KeyFile.known());
        PrintWriter out = spec.commandLine().getOut();
        for (SigningKey key : keys) {
            if (witness != null) {
                out.println(key.signer(witness, Purpose.WITNESS).key());
            }
            for (int partition = 0; origin != null && partition < partitions; partition++) {
                out.println(key.signer(origin + "/" + partition, Purpose.LOG).key());
            }
        }
        spec.commandLine()
                .getErr()
                .println("made " + file + " with " + keys.size() + (keys.size() == 1 ? " key" : " keys")
                        + "; whoever has the file can sign");
        return 0;
    }

    /** Checked before a file is made, since keys are never overwritten. */
    private void expectName(String option, @Nullable String name) {
        if (name != null && !VerifierKey.isName(name)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected a name without spaces and '+' behind " + option + ", but got '" + name + "'");
        }
    }
}
