package io.millrace.infra.console;

import io.millrace.infra.demo.DemoWorker;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.system.TestServer;
import java.util.Map;

/** A server whose console a test looks at: with a read model, which lists come from. */
final class ConsoleServer {

    private ConsoleServer() {}

    /**
     * @param parts stops it
     * @param settings by the keys of docs/configuration.md
     */
    static TestServer start(CloseStack parts, Map<String, String> settings) {
        TestServer server = parts.push("server", TestServer.start(settings, true));
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();
        return server;
    }

    /** Has a real worker do the work. */
    static void work(CloseStack parts, TestServer server, String key) {
        parts.push(
                "worker",
                new DemoWorker("127.0.0.1", server.node(TestServer.FIRST).grpcPort(), key));
    }
}
