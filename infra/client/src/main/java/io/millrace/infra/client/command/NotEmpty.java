package io.millrace.infra.client.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a text that has to say something. An empty one comes of a variable that is not set, and a server takes it for none: so who believes
 * to have a key, or to have named a queue, would have neither.
 */
public final class NotEmpty implements ITypeConverter<String> {

    /** What it expects. */
    static final String EXPECTED = "expected a text that is not empty";

    /** @throws TypeConversionException if it is empty */
    @Override
    public String convert(String text) {
        if (text.isEmpty()) {
            throw new TypeConversionException(EXPECTED + ", but got ''");
        }
        return text;
    }
}
