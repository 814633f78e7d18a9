package io.millrace.infra.client.context.command;

import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.api.Target;
import io.millrace.infra.client.command.ClientCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.context.Contexts;

/** Does something with the file of contexts. */
abstract class ContextAction extends ClientCommand {

    ContextAction(Invocation around) {
        super(around);
    }

    final Contexts contexts() {
        return Contexts.of(around().environment());
    }

    /** @return the context of that name, which has to exist */
    static Target known(Contexts contexts, String name) {
        return contexts.find(name)
                .orElseThrow(() -> new ClientException(
                        ExitCode.NOT_FOUND,
                        "expected a context, but there is none of the name '" + name
                                + "'; `millrace context list` shows all"));
    }
}
