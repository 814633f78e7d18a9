package io.millrace.infra.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SpokenProgressTest {

    private final StringWriter said = new StringWriter();
    private final AtomicLong nanos = new AtomicLong();

    @Test
    void saysWhatStartsWhatHasStartedAndWhatIsSlow() {
        try (SpokenProgress progress = SpokenProgress.quiet(new PrintWriter(said, true), nanos::get)) {
            progress.begins("Kafka");
            progress.begins("PostgreSQL");
            nanos.addAndGet(2_340_000_000L);
            progress.ends("Kafka");
            nanos.addAndGet(3_000_000_000L);
            progress.sayWhatIsWaitedFor();
        }

        assertEquals("""
                millrace: starting Kafka …
                millrace: starting PostgreSQL …
                millrace: Kafka has started, in 2.3 s
                millrace: still starting PostgreSQL, for 5.3 s
                """, said.toString());
    }
}
