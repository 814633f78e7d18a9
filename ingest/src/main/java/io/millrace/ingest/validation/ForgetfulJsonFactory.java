package io.millrace.ingest.validation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.core.json.ByteSourceJsonBootstrapper;
import com.fasterxml.jackson.core.sym.ByteQuadsCanonicalizer;
import java.io.IOException;

/**
 * Makes parsers of bytes that keep the names of fields for one text only. The usual factory keeps thousands of them for
 * ever, however long they are, and clients choose them. Without its table of names it would read characters instead,
 * and not know where in the bytes a value stands. So each parser has a table of its own. Any thread.
 */
final class ForgetfulJsonFactory extends JsonFactory {

    private static final long serialVersionUID = 1L;

    ForgetfulJsonFactory(JsonFactoryBuilder settings) {
        super(settings);
    }

    @Override
    protected JsonParser _createParser(byte[] bytes, int offset, int length, IOContext context) throws IOException {
        return new ByteSourceJsonBootstrapper(context, bytes, offset, length)
                .constructParser(
                        _parserFeatures,
                        _objectCodec,
                        ByteQuadsCanonicalizer.createRoot(),
                        _rootCharSymbols,
                        _factoryFeatures);
    }
}
