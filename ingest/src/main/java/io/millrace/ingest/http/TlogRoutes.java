package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.audit.notary.ExecutionProof;
import io.millrace.ingest.audit.notary.LogState;
import io.millrace.ingest.audit.notary.TransparencyLogs;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** The transparency logs: what tlog-tiles says, how they stand, and proofs of executions. They hold hashes, so all may read them. */
final class TlogRoutes {

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String BYTES = "application/octet-stream";
    private static final Map<String, String> IMMUTABLE = Map.of("Cache-Control", "public, max-age=31536000, immutable");

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final TransparencyLogs logs;
    private final PublicReads publicReads = new PublicReads(LONGEST_WAIT);

    TlogRoutes(TransparencyLogs logs) {
        this.logs = logs;
    }

    HttpReply state(HttpCall call) {
        List<LogState> states = publicReads.read(logs::states);
        return HttpReply.json(
                200,
                Json.object(json -> json.objects(
                        "logs",
                        states,
                        (item, state) -> item.number("partition", state.partition())
                                .text("origin", logs.origin(state.partition()))
                                .number("size", state.size())
                                .number("signedSize", Math.max(0, state.checkpointSize()))
                                .number("cosignatures", state.cosignatures())
                                .number("patrolIndex", state.patrolNext())
                                .number("patrolRounds", state.patrolRounds())
                                .text("fault", state.fault().orElse(null)))));
    }

    HttpReply keys(HttpCall call) {
        return text(logs.keys().stream().map(VerifierKey::toString).collect(Collectors.joining("\n", "", "\n")));
    }

    HttpReply keyStatements(HttpCall call) {
        int partition = partition(call);
        List<SignedNote> statements = publicReads.read(() -> logs.keyStatements(partition));
        return HttpReply.json(
                200,
                Json.object(json -> json.list(
                        "keys", statements.stream().map(Object::toString).toList())));
    }

    HttpReply checkpoint(HttpCall call) {
        int partition = partition(call);
        return text(publicReads
                .read(() -> logs.checkpoint(partition))
                .orElseThrow(() -> absent("expected a checkpoint of this partition, but none was signed yet"))
                .toString());
    }

    /** A tile's number is one part of the path for each three of its digits. */
    HttpReply tile(HttpCall call) {
        int partition = partition(call);
        String number = new TreeMap<>(call.path())
                .entrySet().stream()
                        .filter(place -> place.getKey().startsWith("n"))
                        .map(Map.Entry::getValue)
                        .collect(Collectors.joining("/"));
        TilePath path = TilePath.parse("tile/" + call.part("level") + "/" + number)
                .orElseThrow(() -> absent("expected the path of a tile, as tlog-tiles has it, but there is another"));
        byte[] bytes = publicReads
                .read(() -> logs.tile(partition, path))
                .orElseThrow(() -> absent("expected a tile that the log has, but it is not there, or not so wide"));
        return new HttpReply(200, BYTES, ByteString.copyFrom(bytes), null, IMMUTABLE);
    }

    HttpReply proof(HttpCall call) {
        UUID execution = Ids.parse(call.part("id"))
                .orElseThrow(() ->
                        RefusedException.invalid("expected a UUID as id, but got " + Checks.shown(call.part("id"))));
        ExecutionProof proof = logs.prove(call.asked().caller().orgId(), execution)
                .orElseThrow(() -> RefusedException.notFound(
                        "expected an execution that the read model knows, but there is none such"));
        return HttpReply.file("application/jsonl", new HttpReply.Stream() {
            @Override
            public void write(OutputStream out) throws IOException {
                // Turns a line into bytes piece by piece: a line may be long.
                Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
                try {
                    proof.write(line -> write(text, line));
                } catch (UncheckedIOException e) {
                    throw Objects.requireNonNull(e.getCause(), "cause");
                } catch (SQLException e) {
                    throw new IOException("expected to write a proof to its end, but its database does not answer", e);
                }
                text.flush();
            }

            private void write(Writer text, String line) {
                try {
                    text.write(line);
                    text.write('\n');
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public boolean stands() {
                return false;
            }

            @Override
            public void close() {
                proof.close();
            }
        });
    }

    private static int partition(HttpCall call) {
        String text = call.part("partition");
        if (!text.matches("0|[1-9]\\d{0,5}")) {
            throw absent("expected the number of a partition, but there is another text");
        }
        return Integer.parseInt(text);
    }

    private static HttpReply text(String text) {
        return new HttpReply(200, TEXT, ByteString.copyFromUtf8(text), null, Map.of());
    }

    private static HttpException absent(String message) {
        return new HttpException(404, "NOT_FOUND", message);
    }
}
