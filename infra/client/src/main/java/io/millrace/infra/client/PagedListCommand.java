package io.millrace.infra.client;

import picocli.CommandLine.Mixin;

/** Lists something of which there may be very many: so many of it as is asked for. */
abstract class PagedListCommand extends ListCommand {

    @Mixin
    private PagingOptions paging = new PagingOptions();

    PagedListCommand(Invocation around) {
        super(around);
    }

    @Override
    final long most() {
        return paging.most();
    }

    @Override
    final boolean paged() {
        return true;
    }
}
