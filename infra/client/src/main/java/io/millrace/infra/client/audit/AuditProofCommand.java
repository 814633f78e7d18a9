package io.millrace.infra.client.audit;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gets a file of proofs. */
@Command(
        name = "proof",
        description = {
            "Writes all records of an execution, each with its proof, and a signed checkpoint into one file.",
            "`millrace audit verify` checks it, and so does docs/audit/verify.py."
        })
final class AuditProofCommand extends ApiCommand {

    @Parameters(
            paramLabel = "EXECUTION",
            converter = IdConverter.class,
            description = "Id of a workflow execution, or of a task without a workflow.")
    private UUID execution;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description = "The file to write; one that is there is replaced. Otherwise EXECUTION.proof.jsonl.")
    private Path out;

    AuditProofCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Path file = out != null ? out : around().folder().resolve(execution + ".proof.jsonl");
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        try {
            try {
                api.download(Kind.WORKFLOW.path(execution) + "/proof", beside);
                Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(beside);
            }
            out().println("wrote " + file + ", " + Files.size(file) + " bytes");
            return ExitCode.DONE;
        } catch (IOException e) {
            throw new ClientException(
                    ExitCode.FAILED, "expected to write the proof to " + file + ", but could not: " + e);
        }
    }
}
