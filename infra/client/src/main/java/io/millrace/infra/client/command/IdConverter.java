package io.millrace.infra.client.command;

import java.util.UUID;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads ids, of executions unless a class within says otherwise. They are not shortened: ids that were made in the same minute
 * begin with the same digits.
 */
public class IdConverter implements ITypeConverter<UUID> {

    private final String what;

    /** Of workflow executions and tasks. */
    public IdConverter() {
        this("an execution");
    }

    private IdConverter(String what) {
        this.what = what;
    }

    /** @throws TypeConversionException if it is no whole UUID */
    @Override
    public final UUID convert(String text) {
        // Checked by its form, since UUID's parser takes shorter texts, too.
        if (!text.matches("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")) {
            throw new TypeConversionException("expected the id of " + what + ", a whole UUID, but got '" + text + "'");
        }
        return UUID.fromString(text);
    }

    /** Of organisations. */
    public static final class OfOrganisation extends IdConverter {

        /** For picocli. */
        public OfOrganisation() {
            super("an organisation");
        }
    }

    /** Of API keys. */
    public static final class OfKey extends IdConverter {

        OfKey() {
            super("an API key");
        }
    }

    /** Of bulk jobs. */
    public static final class OfBulkJob extends IdConverter {

        OfBulkJob() {
            super("a bulk job");
        }
    }

    /** Of workers. */
    public static final class OfWorker extends IdConverter {

        OfWorker() {
            super("a worker");
        }
    }
}
