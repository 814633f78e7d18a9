package io.millrace.infra.server;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.ingest.queries.QueriesUnavailableException;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** A node without a database does not deny what another node's database may have. */
class NoReadModelTest {

    @Test
    void aRequestForAnApprovalIsNotSaidToBeUnknown() {
        CompletionException failure = assertThrows(
                CompletionException.class,
                () -> new NoReadModel().approval(new UUID(1, 1), new UUID(2, 2)).join());

        assertInstanceOf(QueriesUnavailableException.class, failure.getCause());
    }
}
