package io.millrace.infra.client.execution;

import static io.millrace.infra.client.command.ListCommand.text;
import static io.millrace.infra.client.command.ListCommand.whole;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.PlainList;
import io.millrace.infra.client.json.JsonObject;
import java.util.List;
import java.util.Map;

/** Queries that have names, as the server has them. */
final class SavedQueries {

    static final PlainList LIST = new PlainList(
            "/saved-queries",
            "savedQueries",
            "name",
            false,
            list -> List.of(
                    whole("NAME", "name"),
                    whole("OF", "subject"),
                    text("QUERY", "query"),
                    text("ABOUT", "about"),
                    whole("BY", "savedBy").onlyWide(),
                    list.age("AGE", "savedAt").onlyWide()),
            "Lists the queries that have names, in the order of these.");

    private SavedQueries() {}

    /** @return the query of the name, which has to be about this kind */
    static String find(Api api, String name, Kind kind) {
        String subject = kind == Kind.WORKFLOW ? "WORKFLOWS" : "TASKS";
        for (JsonObject one : api.get(LIST.path(), Map.of()).json().objects("savedQueries")) {
            if (one.text("name").equals(name)) {
                if (!one.text("subject").equals(subject)) {
                    throw new ClientException(
                            ExitCode.USAGE,
                            "expected a saved query about " + kind.word() + "s, but " + name + " is about "
                                    + one.text("subject"));
                }
                return one.text("query");
            }
        }
        throw new ClientException(
                ExitCode.NOT_FOUND,
                "expected a saved query, but there is none of the name " + name + "; ./millrace query list tells all");
    }
}
