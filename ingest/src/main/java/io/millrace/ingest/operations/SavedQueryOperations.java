package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.SavedQueryRow;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.DeleteQuery;
import io.millrace.proto.v1.SaveQuery;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Gives queries names. Safe from any thread, never blocks; a request that does not pass the checks throws {@link RefusedException}.
 * What is read comes from the read model, and so may be behind.
 */
public final class SavedQueryOperations {

    /** Where all of an organisation are at home: the engine's name for it. */
    private static final String HOME = "saved-queries";

    private final CommandSender sender;
    private final Checks checks;
    private final ExecutionQueries queries;

    SavedQueryOperations(CommandSender sender, Checks checks, ExecutionQueries queries) {
        this.sender = sender;
        this.checks = checks;
        this.queries = queries;
    }

    /**
     * Gives a query a name, or a name another query.
     *
     * @param subject what it is about
     * @param query as it was written
     * @param read the same, as proof that it can be read
     * @param about what it is for, or the empty text
     * @param expectedVersion of what has the name, as the caller saw it, 0 for nothing; empty: whatever it is
     * @return whether that changed anything
     */
    public CompletableFuture<Boolean> save(
            Request request,
            String name,
            Subject subject,
            String query,
            Search read,
            String about,
            OptionalLong expectedVersion) {
        if (read.condition() == null && read.order().isUsual()) {
            throw RefusedException.invalid("expected a query that says something, but it asks for all, newest first");
        }
        SaveQuery.Builder save = SaveQuery.newBuilder()
                .setName(checks.name("name", name))
                .setSubject(subject.name())
                .setQuery(query)
                .setAbout(checks.nameOrEmpty("about", about))
                .setRequestedBy(request.caller().principal().getId());
        expectedVersion.ifPresent(save::setExpectedVersion);
        return ask(request, sender.command(request).setSaveQuery(save));
    }

    /** Lets a name stand for no query any more; fails with NOT_FOUND if it stands for none. */
    public CompletableFuture<Boolean> delete(
            Request request, String name, String reason, OptionalLong expectedVersion) {
        Request because = request.because(checks.reason(reason));
        DeleteQuery.Builder delete = DeleteQuery.newBuilder()
                .setName(checks.name("name", name))
                .setRequestedBy(because.caller().principal().getId());
        expectedVersion.ifPresent(delete::setExpectedVersion);
        return ask(because, sender.command(because).setDeleteQuery(delete));
    }

    private CompletableFuture<Boolean> ask(Request request, CommandRecord.Builder command) {
        return sender.askIfKnown("save queries", Shards.of(request.caller().orgId(), HOME), command)
                .thenApply(reply -> reply.getAccepted().getChanged());
    }

    /** @return all of the organisation, in the order of their names */
    public CompletableFuture<List<SavedQueryRow>> list(Caller caller) {
        return queries.savedQueries(caller.orgId());
    }
}
