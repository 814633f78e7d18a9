package io.millrace.infra.client;

import java.util.UUID;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads ids of executions. They are not shortened: ids that were made in the same minute begin with the same digits. */
final class IdConverter implements ITypeConverter<UUID> {

    @Override
    public UUID convert(String text) {
        // Checked by its form, since UUID's parser takes shorter texts, too.
        if (!text.matches("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")) {
            throw new TypeConversionException("expected the id of an execution, a whole UUID, but got '" + text + "'");
        }
        return UUID.fromString(text);
    }
}
