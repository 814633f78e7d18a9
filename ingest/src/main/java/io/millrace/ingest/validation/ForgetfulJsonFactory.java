package io.millrace.ingest.validation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.core.io.ContentReference;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.core.json.ByteSourceJsonBootstrapper;
import com.fasterxml.jackson.core.json.UTF8StreamJsonParser;
import com.fasterxml.jackson.core.sym.ByteQuadsCanonicalizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Makes parsers of bytes that keep the names of fields for one text only. The usual factory keeps thousands of them for
 * ever, however long they are, and clients choose them. Without its table of names it would read characters instead,
 * and not know where in the bytes a value stands. So all parsers share a table of the names that the log itself has.
 * A parser that meets others makes a copy of the table, which goes with it. Any thread.
 */
final class ForgetfulJsonFactory extends JsonFactory {

    private static final long serialVersionUID = 1L;

    /** Those that stand in nearly every event. To leave one out only costs time. */
    static final List<String> NAMES = List.of(
            "attempt",
            "cause",
            "childExecutionId",
            "childExecutionName",
            "claimId",
            "delivery",
            "dueMs",
            "error",
            "idempotencyKey",
            "input",
            "key",
            "kind",
            "leaseUntilMs",
            "maxRetries",
            "metadata",
            "output",
            "parentExecutionId",
            "prioritySeconds",
            "promiseId",
            "promiseName",
            "queue",
            "reason",
            "requestedBy",
            "retryAtMs",
            "signalName",
            "signalValue",
            "taskExecutionId",
            "timeoutMs",
            "timerId",
            "value",
            "workerId",
            "workflowVersion");

    /** Never gets another name after the first ones. */
    private final transient ByteQuadsCanonicalizer shared;

    ForgetfulJsonFactory(JsonFactoryBuilder settings) {
        super(settings);
        shared = table();
    }

    private ByteQuadsCanonicalizer table() {
        ByteQuadsCanonicalizer names = ByteQuadsCanonicalizer.createRoot();
        byte[] text = NAMES.stream()
                .map(name -> "\"" + name + "\":0")
                .collect(Collectors.joining(",", "{", "}"))
                .getBytes(StandardCharsets.UTF_8);
        IOContext context = _createContext(ContentReference.unknown(), false);
        // A parser of the usual kind adds what it has read to the table when it is closed.
        try (JsonParser parser = new ByteSourceJsonBootstrapper(context, text, 0, text.length)
                .constructParser(_parserFeatures, _objectCodec, names, _rootCharSymbols, _factoryFeatures)) {
            while (parser.nextToken() != null) {
                parser.currentName();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("expected to read memory without errors, but failed", e);
        }
        return names;
    }

    @Override
    protected JsonParser _createParser(byte[] bytes, int offset, int length, IOContext context) throws IOException {
        return new Parser(
                context,
                _parserFeatures,
                _objectCodec,
                shared.makeChild(_factoryFeatures),
                bytes,
                offset,
                offset + length);
    }

    /** Does not add what it has read to the shared table. */
    private static final class Parser extends UTF8StreamJsonParser {

        Parser(
                IOContext context,
                int features,
                ObjectCodec codec,
                ByteQuadsCanonicalizer names,
                byte[] bytes,
                int from,
                int to) {
            super(context, features, null, codec, names, bytes, from, to, 0, false);
        }

        /** All but the table of names: that is what the one of Jackson would give back besides. */
        @Override
        protected void _releaseBuffers() {
            _textBuffer.releaseBuffers();
            char[] copy = _nameCopyBuffer;
            if (copy != null) {
                _nameCopyBuffer = null;
                _ioContext.releaseNameCopyBuffer(copy);
            }
        }
    }
}
