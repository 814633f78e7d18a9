package io.millrace.infra.system;

import io.millrace.infra.worker.WorkerClient;
import io.millrace.ingest.config.Access;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One installation with the usual settings and no database, for all test classes that leave it as it is: starting one takes
 * seconds. It starts when a class first asks for it, and ends with the last test of the JVM. Gives methods of tests a {@link
 * TestServer}, or the {@link WorkerClient} of a worker of the development organisation. Nobody who got them closes them. Tests
 * keep apart by queues of their own.
 */
public final class SharedServer implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == TestServer.class || type == WorkerClient.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Store shared = context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(SharedServer.class));
        TestServer server = shared.computeIfAbsent(TestServer.class, key -> TestServer.start(), TestServer.class);
        return parameter.getParameter().getType() == TestServer.class
                ? server
                : shared.computeIfAbsent(WorkerClient.class, key -> client(server), WorkerClient.class);
    }

    private static WorkerClient client(TestServer server) {
        return new WorkerClient("127.0.0.1", server.node(TestServer.FIRST).grpcPort(), Access.DEV_WORKER_KEY);
    }
}
