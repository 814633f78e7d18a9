package io.millrace.infra.client.command;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.context.Choice;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;

/** A command that asks a server. */
public abstract class ApiCommand extends ClientCommand {

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    protected ApiCommand(Invocation around) {
        super(around);
    }

    @Override
    public Integer call() throws Exception {
        Choice choice = connection.choose(around());
        Api api = choice.devData()
                .map(data -> new Api(choice.target(), "start it by `" + starting(data) + "`"))
                .orElseGet(() -> new Api(choice.target()));
        if (choice.devData().isPresent()) {
            expectServerOf(choice.devData().get(), api);
        }
        return run(api);
    }

    /** The port may belong to another development server by now, which takes the same well-known keys. */
    private static void expectServerOf(Path data, Api api) {
        String told = api.open("/_/health").json().text("data");
        if (!told.isEmpty() && !Path.of(told).equals(data)) {
            throw new ClientException(
                    ExitCode.UNREACHABLE,
                    "expected the server of " + data + " at " + api.target().url() + ", but that of " + told
                            + " listens there; start the other by `" + starting(data) + "`");
        }
    }

    private static String starting(Path data) {
        return "millrace dev --data " + data;
    }

    /** @return the exit code */
    protected abstract int run(Api api) throws Exception;
}
