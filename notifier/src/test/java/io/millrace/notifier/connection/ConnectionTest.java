package io.millrace.notifier.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is remembered of those behind one connection. */
class ConnectionTest {

    private static final int MANY = 25_000;

    private final Connection connection = Connection.opened(new Host());

    private static WorkerId worker(int number) {
        String id = new UUID(7, number).toString();
        return new WorkerId(new UUID(1, 1), id, id, Principal.getDefaultInstance());
    }

    private void works(int number) {
        connection.polls(worker(number));
        connection.handed(worker(number), 0, ByteString.EMPTY);
        connection.polled(worker(number), false);
    }

    @Test
    void aProxysConnectionRemembersNoMoreWorkersThanItMay() {
        connection.polls(worker(0));
        connection.handed(worker(0), 0, ByteString.EMPTY);
        for (int number = 1; number < MANY; number++) {
            works(number);
        }

        assertTrue(
                connection.handed().size() <= 10_000, () -> connection.handed().size() + " workers");
        assertTrue(connection.handed().containsKey(worker(0)), "it polls all the time");
        assertTrue(connection.handed().containsKey(worker(MANY - 1)), "it polled last");
        assertFalse(connection.handed().containsKey(worker(1)), "it has not polled for longest");
    }

    @Test
    void theConnectionOfTwoProcessesIsAProxys() {
        connection.carries(List.of(of("host", "1")));
        connection.carries(List.of(of("host", "1")));
        assertFalse(connection.isShared(), "one process may have several workers");
        connection.carries(List.of(of("host", "1"), of("host", "2")));
        assertFalse(connection.isShared(), "nobody can tell which of the two polls");
        connection.carries(List.of(of("host", "2")));
        assertTrue(connection.isShared());
        assertEquals(List.of(), List.copyOf(connection.polled()));
    }

    private static WorkerRegistration of(String host, String process) {
        return WorkerRegistration.newBuilder()
                .setHostName(host)
                .setProcessId(process)
                .build();
    }
}
