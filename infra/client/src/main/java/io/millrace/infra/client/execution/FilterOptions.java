package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.command.GivenOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that filter executions, for workflows and for tasks. */
public final class FilterOptions {

    @Option(
            names = "--status",
            paramLabel = "STATUS",
            converter = Status.class,
            completionCandidates = Candidates.class,
            description = "Only those of this status: ${COMPLETION-CANDIDATES}.")
    private String status;

    @Option(names = "--kind", paramLabel = "KIND", description = "Only those of this kind.")
    private String kind;

    @Option(names = "--queue", paramLabel = "QUEUE", description = "Only those of this queue.")
    private String queue;

    @Option(
            names = {"-q", "--query"},
            paramLabel = "QUERY",
            description = {
                "Only those of which this is so, such as",
                "'status = FAILED AND created > -2h ORDER BY ended DESC'."
            })
    private String search;

    @Option(
            names = "--saved",
            paramLabel = "NAME",
            description = "Only those that the saved query of this name finds. Not together with --query.")
    private String saved;

    /** Looks up the saved query, if one is named. */
    public void resolve(Api api, Kind kind) {
        if (saved == null) {
            return;
        }
        if (search != null) {
            throw ClientException.usage("expected one of --query and --saved, but got both");
        }
        search = SavedQueries.find(api, saved, kind);
    }

    /** @return the options as query parameters */
    public Map<String, String> query() {
        Map<String, String> query = new LinkedHashMap<>();
        GivenOptions.put(query, "q", search);
        GivenOptions.put(query, "status", status);
        GivenOptions.put(query, "kind", kind);
        GivenOptions.put(query, "queue", queue);
        return query;
    }

    /** All statuses that an execution can have. */
    static final class Candidates extends ArrayList<String> {

        private static final long serialVersionUID = 1L;

        Candidates() {
            super(List.of("PENDING", "RUNNING", "WAITING", "COMPLETED", "FAILED", "CANCELLED", "CONTINUED_AS_NEW"));
        }
    }

    /** Reads a status, in upper or lower case. */
    static final class Status implements ITypeConverter<String> {

        @Override
        public String convert(String text) {
            String status = text.toUpperCase(Locale.ROOT);
            List<String> known = new Candidates();
            if (!known.contains(status)) {
                throw new TypeConversionException(
                        "expected one of " + String.join(", ", known) + ", but got '" + text + "'");
            }
            return status;
        }
    }
}
