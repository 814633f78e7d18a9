package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.limits.LoadSettings;
import io.millrace.ingest.limits.OrganisationLoads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class OpenStreamsTest {

    @Test
    void whatIsGivenUpIsNotWrittenToItsEnd() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EventWriter writer = new EventWriter(out, () -> out.size() > 0);

        assertThrows(IOException.class, () -> writer.event("1", "data", "x".repeat(1 << 20)));

        assertEquals(16 << 10, out.size());
    }

    @Test
    void anOrganisationHasNoMoreThanItLeavesFreeAndAnotherFindsRoom() {
        OrganisationLoads loads = new OrganisationLoads(LoadSettings.defaults().withStreams(4));
        OpenStreams one = OpenStreams.of(loads, new UUID(1, 1));
        OpenStreams other = OpenStreams.of(loads, new UUID(2, 2));
        assertTrue(one.enter());
        assertTrue(one.enter());
        assertFalse(one.enter());
        assertTrue(other.enter());
        assertFalse(other.enter());

        one.leave();
        one.leave();

        assertTrue(other.enter());
    }
}
