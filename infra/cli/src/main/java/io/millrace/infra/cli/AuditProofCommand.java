package io.millrace.infra.cli;

import io.millrace.ingest.audit.tlog.TlogException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gets a file of proofs from a server. */
@Command(
        name = "proof",
        description = {
            "Writes all records of an execution, each with its proof, and a signed checkpoint into one file.",
            "`millrace audit verify` checks it, and so does docs/audit/verify.py."
        },
        mixinStandardHelpOptions = true)
public final class AuditProofCommand implements Callable<Integer> {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "EXECUTION", description = "Id of a workflow execution, or of a task without a workflow.")
    private UUID execution;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description = "The file to write; one that is there is replaced. Otherwise EXECUTION.proof.jsonl.")
    private @Nullable Path out;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8000",
            description = "Address of a server's HTTP. Otherwise ${DEFAULT-VALUE}.")
    private URI url;

    @Option(
            names = "--org",
            paramLabel = "ORG",
            defaultValue = "dev",
            description = "Short name or id of the organisation. Otherwise ${DEFAULT-VALUE}.")
    private String organisation;

    @Option(
            names = "--token",
            paramLabel = "KEY",
            defaultValue = "${MILLRACE_TOKEN}",
            description = "API key of the organisation. Better given by the variable MILLRACE_TOKEN.")
    private @Nullable String token;

    @Override
    public Integer call() throws InterruptedException {
        Path file = out != null ? out : Path.of(execution + ".proof.jsonl");
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<Path> answer = get(http, "workflow-executions", beside);
            if (answer.statusCode() == NOT_FOUND) {
                answer = get(http, "task-executions", beside);
            }
            if (answer.statusCode() != OK) {
                String said = Files.readString(beside);
                Files.delete(beside);
                throw new TlogException("expected the server to prove " + execution + ", but it answered "
                        + answer.statusCode() + ": " + said);
            }
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
            spec.commandLine().getOut().println("wrote " + file + ", " + Files.size(file) + " bytes");
            return 0;
        } catch (IOException e) {
            throw new TlogException(
                    "expected to get a proof from " + url + " into " + file + ", but could not: " + e, e);
        }
    }

    private HttpResponse<Path> get(HttpClient http, String kind, Path file) throws IOException, InterruptedException {
        URI address = url.resolve("/api/orgs/" + organisation + "/" + kind + "/" + execution + "/proof");
        HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(LIMIT);
        if (token != null && !token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofFile(file));
    }
}
