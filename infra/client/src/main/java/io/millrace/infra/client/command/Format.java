package io.millrace.infra.client.command;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How an answer is printed. */
public enum Format {
    /** For people. */
    TABLE,
    /** For people, with more columns. */
    WIDE,
    /** Everything that the server said. */
    JSON,
    /** The same as YAML. */
    YAML,
    /** Ids alone, one on a line. */
    ID;

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads the words. */
    static final class Words implements ITypeConverter<Format>, Iterable<String> {

        private static final List<String> ALL =
                Arrays.stream(values()).map(Format::word).toList();

        @Override
        public Format convert(String text) {
            return Arrays.stream(values())
                    .filter(format -> format.word().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(
                            "expected one of " + String.join(", ", ALL) + ", but got '" + text + "'"));
        }

        @Override
        public Iterator<String> iterator() {
            return ALL.iterator();
        }
    }
}
