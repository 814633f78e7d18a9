package io.millrace.infra.client.command;

import picocli.CommandLine.Mixin;

/** Lists something of which there may be very many: so many of it as is asked for. */
public abstract class PagedListCommand extends ListCommand {

    @Mixin
    private PagingOptions paging = new PagingOptions();

    protected PagedListCommand(Invocation around) {
        super(around);
    }

    @Override
    protected final long most() {
        return paging.most();
    }

    @Override
    protected final boolean paged() {
        return true;
    }
}
