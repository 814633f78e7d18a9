package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FailuresTest {

    @Test
    void placesNameTheErrorsAndWhereTheyHappenedButNothingOfTheirTexts() {
        Throwable error = new IllegalStateException("secret one", new NumberFormatException("secret two"));

        String text = Failures.places(error);

        assertTrue(text.startsWith("java.lang.IllegalStateException"), text);
        assertTrue(text.contains("caused by java.lang.NumberFormatException"), text);
        assertTrue(text.contains("at " + FailuresTest.class.getName()), text);
        assertFalse(text.contains("secret"), text);
    }
}
