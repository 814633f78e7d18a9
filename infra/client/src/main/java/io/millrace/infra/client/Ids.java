package io.millrace.infra.client;

import java.util.UUID;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Ids of executions. They are not shortened: the first digits of ids that were made in the same minute are alike. */
final class Ids implements ITypeConverter<UUID> {

    @Override
    public UUID convert(String text) {
        // By its form, for the parser takes shorter ones too.
        if (!text.matches("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")) {
            throw new TypeConversionException("expected the id of an execution, a whole UUID, but got '" + text + "'");
        }
        return UUID.fromString(text);
    }
}
