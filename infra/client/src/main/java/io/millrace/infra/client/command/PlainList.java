package io.millrace.infra.client.command;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Column;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** A list of which nothing is to be said but where it is, and what its columns are. */
public final class PlainList {

    /** What is said of lists that come from the read model. */
    public static final String LATE =
            "What happened in the last moments may be missing: the read model follows the log.";

    private final String path;
    private final String field;
    private final String id;
    private final boolean paged;
    private final Function<ListCommand, List<Column<JsonObject>>> columns;
    private final String none;
    private final String[] description;

    /**
     * @param path of the list
     * @param field of the answer, which holds the items
     * @param id field of an item that is printed where only ids are wanted
     * @param paged whether there may be very many, so that the server tells them in parts
     * @param columns for the command that prints them
     * @param description what help says, line by line
     */
    public PlainList(
            String path,
            String field,
            String id,
            boolean paged,
            Function<ListCommand, List<Column<JsonObject>>> columns,
            String... description) {
        this(path, field, id, paged, columns, "there are none", description);
    }

    private PlainList(
            String path,
            String field,
            String id,
            boolean paged,
            Function<ListCommand, List<Column<JsonObject>>> columns,
            String none,
            String[] description) {
        this.path = path;
        this.field = field;
        this.id = id;
        this.paged = paged;
        this.columns = columns;
        this.none = none;
        this.description = description;
    }

    /** @return the same list, of which this is said where it is empty: one that leaves out what is ordinary says so */
    public PlainList whenEmpty(String said) {
        return new PlainList(path, field, id, paged, columns, said, description);
    }

    /** @return path of the list */
    public String path() {
        return path;
    }

    /** @return path of one item */
    public String path(String item) {
        return path + "/" + Api.encoded(item);
    }

    /** @return the command {@code list} for it */
    public CommandLine command(Invocation around) {
        Listing listing = new Listing(this, around);
        CommandLine line = new CommandLine(listing);
        line.getCommandSpec().usageMessage().description(description);
        if (paged) {
            line.getCommandSpec().addMixin("paging", CommandSpec.forAnnotatedObject(listing.paging));
        }
        return line;
    }

    /** Lists one of them. */
    @Command(name = "list")
    private static final class Listing extends ListCommand {

        private final PlainList list;
        private final PagingOptions paging = new PagingOptions();

        Listing(PlainList list, Invocation around) {
            super(around);
            this.list = list;
        }

        @Override
        protected String path() {
            return list.path;
        }

        @Override
        protected String field() {
            return list.field;
        }

        @Override
        protected String id(JsonObject item) {
            return item.text(list.id);
        }

        @Override
        protected boolean paged() {
            return list.paged;
        }

        @Override
        protected long most() {
            return list.paged ? paging.most() : super.most();
        }

        @Override
        protected List<Column<JsonObject>> columns() {
            return list.columns.apply(this);
        }

        @Override
        protected String none() {
            return list.none;
        }
    }
}
